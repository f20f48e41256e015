//! The evidence of a run: what the checks examine.

use std::collections::HashMap;

use local::simulator::Ledger;
use secrecy::ExposeSecret;
use serde_json::Value;
use shared::message::Message;
use shared::webhook::WebhookDelivery;

use super::fixture::Fixture;
use super::scenario::Request;
use crate::webhook_receiver::Call;

/// Everything that the checks examine.
#[derive(Clone)]
pub struct Evidence {
    /// The requests and their answers, in order.
    pub requests: Vec<Request>,
    /// Every message's record.
    pub records: Vec<Message>,
    /// Every record's images, oldest first, by message id.
    pub images: HashMap<String, Vec<Value>>,
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
    /// Requests a minute, if that matters.
    pub per_minute: Option<u32>,
    /// The calls of each of its webhooks, and whether their signatures are valid.
    pub webhook_calls: Vec<Vec<(Call, bool)>>,
}

impl Evidence {
    /// Gathers it.
    pub async fn gather(fixture: &Fixture, requests: Vec<Request>) -> Self {
        let mut tenants = Vec::new();
        for (tenant, webhooks) in fixture.tenants().into_iter().zip(fixture.webhooks()) {
            let ledger = fixture.stack.ledger(&tenant.account).await;
            let webhook_calls = webhooks.into_iter().map(|webhook| {
                webhook.calls().into_iter().map(|call| (call.clone(), webhook.verifies(&call))).collect()
            });
            tenants.push(TenantEvidence {
                account: tenant.account.to_string(),
                credits: ledger.credits,
                reservations: ledger.reservations.len(),
                granted: tenant.granted,
                per_minute: tenant.per_minute,
                webhook_calls: webhook_calls.collect(),
            });
        }
        Self {
            requests,
            records: records(fixture).await,
            images: images(fixture).await,
            taken: taken_ids(fixture.stack.whatsapp().ledger()),
            tenants,
            dead_letters: dead_letters(fixture).await,
            logs: fixture.stack.logs(),
            private: private(fixture),
        }
    }

    /// The records by the references of the requests that made them.
    pub fn by_reference(&self) -> HashMap<String, Vec<&Message>> {
        let mut records: HashMap<String, Vec<&Message>> = HashMap::new();
        for record in &self.records {
            let metadata = record.metadata.as_ref().map(|json| json.as_str());
            let metadata: Value = metadata.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
            if let Some(reference) = metadata["reference"].as_str() {
                records.entry(reference.to_owned()).or_default().push(record);
            }
        }
        records
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
    let records = items.into_iter().map(|item| serde_dynamo::from_item(item).expect("a record"));
    records.filter(|record: &Message| record.id.as_str() != "msg_original123").collect()
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

async fn images(fixture: &Fixture) -> HashMap<String, Vec<Value>> {
    let mut images: HashMap<String, Vec<Value>> = HashMap::new();
    for change in fixture.stack.changes().await {
        let id = change.keys().and_then(|keys| keys.get("id")?.as_s().ok()).cloned().unwrap_or_default();
        let Some(image) = change.new_image else { continue };
        let image = serde_dynamo::from_item(serde_dynamo::Item::from(image)).unwrap_or_default();
        images.entry(id).or_default().push(image);
    }
    images
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
    let secrets = ["MasterKeys", "AdminKey", "WhatsAppApp"].into_iter();
    let secrets = secrets.filter_map(|id| fixture.stack.stack.secrets.text(id).map(str::to_owned));
    let phones = ["5511999999999", "15562131000", "1555131047", super::scenario::WRITER].map(str::to_owned);
    let webhooks = fixture.webhooks().into_iter().flatten();
    let webhooks = webhooks.flat_map(|webhook| [webhook.url.clone(), webhook.secret.expose_secret().to_owned()]);
    let keys = fixture.tenants().map(|tenant| tenant.key.clone());
    let words = [super::scenario::PRIVATE.to_owned(), "EAAG-of-the-simulator".to_owned()];
    webhooks.chain(keys).chain(secrets).chain(phones).chain(words).collect()
}
