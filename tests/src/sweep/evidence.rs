//! The evidence of a run: what the checks examine.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use local::simulator::Ledger;
use secrecy::ExposeSecret;
use serde_json::Value;
use shared::aws::ItemKey;
use shared::batch::Batch;
use shared::media::Media;
use shared::media::inbound::InboundFile;
use shared::message::record_keys::instance_of;
use shared::message::tombstone::{ERASED, read_message};
use shared::message::{Content, Message, MessageEvent};
use shared::webhook::WebhookDelivery;
use tokio::time::Instant;

use super::batches::BatchRequest;
use super::fixture::Fixture;
use super::scenario::Request;
use super::tenant::{Tenant, TenantWebhook};
use crate::webhook_receiver::Call;

/// Before the reference of a message in its text, where it can have no metadata.
pub const REFERENCE: &str = "PRIVATE-REFERENCE ";

/// Everything that the checks examine.
#[derive(Clone)]
pub struct Evidence {
    /// The requests and their answers, in order.
    pub requests: Vec<Request>,
    /// Whether the clock was moved by more than messages wait for their files, while a process was frozen perhaps.
    pub leaps: bool,
    /// The requests for batches and their answers, in order.
    pub batch_requests: Vec<BatchRequest>,
    /// Every batch's record.
    pub batches: Vec<Batch>,
    /// Every message's record; of an erased one, the last.
    pub records: Vec<Message>,
    /// The messages whose records were erased.
    pub erased: BTreeSet<String>,
    /// Every record's images, oldest first, by message id.
    pub images: HashMap<String, Vec<Value>>,
    /// The place of the write that first set the time of an event, among all writes, by message id and event.
    pub first_written: HashMap<(String, &'static str), usize>,
    /// The messages that WhatsApp accepted, in order: our id and the recipient.
    pub taken: Vec<(String, String)>,
    /// The customers.
    pub tenants: Vec<TenantEvidence>,
    /// Events whose attempts all failed.
    pub dead_letters: Vec<WebhookDelivery>,
    /// The logs of all functions.
    pub logs: String,
    /// The private words that no log may contain.
    pub private: Vec<String>,
    /// The inbound messages whose callbacks were acknowledged.
    pub inbound: Vec<InboundEvidence>,
    /// The files that customers uploaded, and the name of the event of each.
    pub files: Vec<(Media, Option<String>)>,
    /// The files of received messages.
    pub received_files: Vec<InboundFile>,
    /// The erasures that were answered.
    pub erasures: Vec<ErasureEvidence>,
    /// The messages that their customer reported as failed with the secret of its own Meta app.
    pub forged: BTreeSet<String>,
    /// The messages that others held up.
    pub held_up: Vec<String>,
    /// The messages that were accepted although parsers read them differently.
    pub ambiguous: Vec<String>,
    /// What a customer was allowed that concerns another's.
    pub trespasses: Vec<String>,
}

/// The evidence of an inbound message.
#[derive(Clone, Debug)]
pub struct InboundEvidence {
    /// Its id at WhatsApp.
    pub wamid: String,
    /// The accounts and instances that had the number before and after; nobody when one of them is not known.
    pub owners: Vec<(String, String)>,
    /// Whether nobody else can have had it meanwhile.
    pub is_certain: bool,
    /// The aliases of its sender that the callback names.
    pub named: Vec<String>,
    /// When it was acknowledged.
    pub acknowledged: Instant,
}

/// The evidence of an erasure that was answered.
#[derive(Clone, Debug)]
pub struct ErasureEvidence {
    /// The account.
    pub account: String,
    /// Its place among the customers.
    pub tenant: usize,
    /// The alias that it was requested by.
    pub alias: String,
    /// When it was requested.
    pub began: Instant,
    /// Whether the answer said that nothing is left.
    pub is_complete: bool,
}

/// The evidence of a customer.
#[derive(Clone)]
pub struct TenantEvidence {
    /// The account.
    pub account: String,
    /// The credits that are left.
    pub credits: i64,
    /// The reservations that are left.
    pub reservations: usize,
    /// What it was granted.
    pub granted: i64,
    /// Requests a minute of each key, if that matters.
    pub per_minute: Option<u32>,
    /// The aliases of the people whom it had erased.
    pub erased_aliases: BTreeSet<String>,
    /// Its webhooks.
    pub webhooks: Vec<WebhookEvidence>,
}

/// The evidence of a webhook.
#[derive(Clone)]
pub struct WebhookEvidence {
    /// The webhook.
    pub id: String,
    /// The instance whose events it receives.
    pub instance: String,
    /// The names of the events of no message that it receives.
    pub others: Vec<String>,
    /// The places of writes, among all writes, at which it may have been disabled.
    pub disabled: Vec<Range<usize>>,
    /// Its calls, and whether their signatures are valid.
    pub calls: Vec<(Call, bool)>,
}

impl Evidence {
    /// Gathers it.
    pub async fn gather(fixture: &Fixture, requests: Vec<Request>) -> Self {
        let mut tenants = Vec::new();
        for tenant in &fixture.tenants {
            tenants.push(TenantEvidence::gather(fixture, tenant).await);
        }
        let (images, first_written) = images(fixture).await;
        let mut records = records(fixture).await;
        let erased = erased_records(&records, &images);
        let erased_ids = erased.iter().map(|record| record.id.to_string()).collect();
        records.extend(erased);
        Self {
            requests,
            batch_requests: Vec::new(),
            leaps: false,
            batches: batches(fixture).await,
            records,
            erased: erased_ids,
            images,
            first_written,
            taken: taken_ids(fixture.stack.whatsapp().ledger()),
            tenants,
            dead_letters: dead_letters(fixture).await,
            logs: fixture.stack.logs(),
            private: private(fixture),
            inbound: Vec::new(),
            files: files(fixture).await,
            received_files: received_files(fixture).await,
            erasures: Vec::new(),
            forged: BTreeSet::new(),
            held_up: Vec::new(),
            ambiguous: Vec::new(),
            trespasses: Vec::new(),
        }
    }

    /// The records by the references of the requests that made them.
    pub fn by_reference(&self) -> HashMap<String, Vec<&Message>> {
        let mut records: HashMap<String, Vec<&Message>> = HashMap::new();
        for record in &self.records {
            let metadata = record.metadata.as_ref().map(|json| json.as_str());
            let metadata: Value = metadata.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
            let in_text = match &record.content {
                Content::Text { body, .. } => body.strip_prefix(REFERENCE),
                _ => None,
            };
            if let Some(reference) = metadata["reference"].as_str().or(in_text) {
                records.entry(reference.to_owned()).or_default().push(record);
            }
        }
        records
    }
}

impl TenantEvidence {
    async fn gather(fixture: &Fixture, tenant: &Tenant) -> Self {
        let ledger = fixture.stack.ledger(&tenant.account).await;
        Self {
            account: tenant.account.to_string(),
            credits: ledger.credits,
            reservations: ledger.reservations.len(),
            granted: tenant.granted,
            per_minute: tenant.per_minute,
            erased_aliases: BTreeSet::new(),
            webhooks: tenant.webhooks.iter().map(WebhookEvidence::gather).collect(),
        }
    }
}

impl WebhookEvidence {
    fn gather(webhook: &TenantWebhook) -> Self {
        let calls = webhook.receiver.calls().into_iter();
        Self {
            id: webhook.id.to_string(),
            instance: webhook.instance.to_string(),
            others: webhook.others.clone(),
            disabled: Vec::new(),
            calls: calls.map(|call| (call.clone(), webhook.receiver.verifies(&call))).collect(),
        }
    }
}

/// Every message's record.
///
/// # Panics
/// When the table does not answer.
pub async fn records(fixture: &Fixture) -> Vec<Message> {
    let scan = fixture.stack.stack.clients.dynamodb.scan().table_name(&fixture.stack.stack.tables["Messages"]);
    let items =
        scan.consistent_read(true).into_paginator().items().send().try_collect().await.expect("the table answers");
    // Items beside a record hold a part of a large object, and have no state.
    let items = items.into_iter().filter(|item| item.contains_key("status") || item.contains_key(ERASED));
    let records = items.filter_map(|item| read_message(Some(item)).expect("a record or a tombstone"));
    records.map(|record| *record).filter(|record| record.id.as_str() != "msg_original123").collect()
}

/// The batches of all customers.
async fn batches(fixture: &Fixture) -> Vec<Batch> {
    let mut batches = Vec::new();
    for tenant in &fixture.tenants {
        let of_tenant = fixture.stack.accounts.query(&ItemKey::batch_partition(&tenant.account), "batch_").await;
        batches.extend(of_tenant.expect("the table answers"));
    }
    batches
}

/// The files of all customers, and the event of each.
async fn files(fixture: &Fixture) -> Vec<(Media, Option<String>)> {
    let mut files = Vec::new();
    for tenant in &fixture.tenants {
        let accounts = &fixture.stack.accounts;
        let partition = format!("media#{}", tenant.account);
        for file in accounts.query::<Media>(&partition, "media_").await.expect("the table answers") {
            let event = accounts.event(file.id.as_str()).await.expect("the table answers");
            files.push((file, event.map(|event| event.name.into_owned())));
        }
    }
    files
}

/// The files that people sent to customers, without those whose instances are not connected: they are fetched after the next connect.
async fn received_files(fixture: &Fixture) -> Vec<InboundFile> {
    let (mut files, accounts) = (Vec::new(), &fixture.stack.accounts);
    let records = records(fixture).await;
    for tenant in &fixture.tenants {
        let partition = format!("media#{}", tenant.account);
        for item in accounts.query_items(&partition, "msg_").await.expect("the table answers") {
            let id = item.get("sk").and_then(|id| id.as_s().ok()).cloned().unwrap_or_default();
            let file: InboundFile = serde_dynamo::from_item(item).expect("a file");
            let Some(record) = records.iter().find(|record| record.id.as_str() == id) else { continue };
            let instance = accounts.instance(&record.account_id, &record.instance_id).await.expect("the table answers");
            if instance.is_some_and(|instance| instance.connected_number().is_some()) {
                files.push(file);
            }
        }
    }
    files
}

/// The last images of the records that are in the table no more, or only as tombstones. One that was still queued was withdrawn by its
/// request and never counted.
fn erased_records(records: &[Message], images: &HashMap<String, Vec<Value>>) -> Vec<Message> {
    let present: BTreeSet<&str> = records.iter().map(|record| record.id.as_str()).collect();
    let absent = images.iter().filter(|(id, _)| !present.contains(id.as_str()) && *id != "msg_original123");
    let last = absent.map(|(_, images)| images.last().expect("an image").clone());
    let last = last.map(|image| serde_json::from_value::<Message>(image).expect("a record"));
    last.filter(|record| record.status.public_status() != "queued").collect()
}

/// Our ids of the messages that WhatsApp accepted, in order, and their recipients.
pub fn taken_ids(ledger: &Ledger) -> Vec<(String, String)> {
    let taken = ledger.taken().into_iter();
    let ids = taken.map(|taken| {
        let tag = taken.message["biz_opaque_callback_data"].as_str().unwrap_or_default();
        (tag.split('.').nth(1).unwrap_or_default().to_owned(), taken.recipient())
    });
    ids.collect()
}

type Images = HashMap<String, Vec<Value>>;
type FirstWritten = HashMap<(String, &'static str), usize>;

async fn images(fixture: &Fixture) -> (Images, FirstWritten) {
    let (mut images, mut first_written) = (Images::new(), FirstWritten::new());
    for (place, change) in fixture.stack.changes().await.into_iter().enumerate() {
        let id = change.keys().and_then(|keys| keys.get("id")?.as_s().ok()).cloned().unwrap_or_default();
        let Some(image) = change.new_image.filter(|_| !id.contains(".details.")) else { continue };
        if image.contains_key(ERASED) {
            continue; // the tombstone of an erased message
        }
        let mut image: Value = serde_dynamo::from_item(serde_dynamo::Item::from(image)).unwrap_or_default();
        if let Some(conversation) = image["chat"].as_str().filter(|_| image["instanceId"].is_null()) {
            image["instanceId"] = instance_of(conversation).into(); // a batch's message
        }
        for event in MessageEvent::ALL.into_iter().filter(|event| !image[event.time_attribute()].is_null()) {
            first_written.entry((id.clone(), event.name())).or_insert(place);
        }
        images.entry(id).or_default().push(image);
    }
    (images, first_written)
}

async fn dead_letters(fixture: &Fixture) -> Vec<WebhookDelivery> {
    let url = fixture.stack.queue_url("WebhookDeadLetters");
    let mut letters = Vec::new();
    loop {
        let request = fixture.stack.stack.clients.sqs.receive_message().queue_url(&url).max_number_of_messages(10);
        let messages = request.send().await.expect("the queue answers").messages.unwrap_or_default();
        if messages.is_empty() {
            return letters;
        }
        letters.extend(messages.iter().filter_map(|message| serde_json::from_str(message.body()?).ok()));
    }
}

fn private(fixture: &Fixture) -> Vec<String> {
    let secrets = ["MasterKeys", "CallbackKeys", "AdminKey", "WhatsAppApp"].into_iter();
    let secrets = secrets.filter_map(|id| fixture.stack.stack.secrets.text(id));
    let webhooks = fixture.tenants.iter().flat_map(|tenant| &tenant.webhooks).map(|webhook| &webhook.receiver);
    let webhooks = webhooks.flat_map(|webhook| [webhook.url.clone(), webhook.secret.expose_secret().to_owned()]);
    let keys = fixture.tenants.iter().flat_map(|tenant| tenant.keys.clone());
    let words = [super::scenario::PRIVATE.to_owned(), "EAAG-of-the-simulator".to_owned()];
    webhooks.chain(keys).chain(secrets).chain(fixture.private.iter().cloned()).chain(words).collect()
}
