//! The stack with meters, and their readings.

use std::collections::BTreeMap;
use std::mem::replace;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use local::lambda::Function;
use reqwest::{Method, Response};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use shared::aws::{ItemKey, UpdateBuilder};
use shared::ids::WebhookId;
use tests::media_host::MediaHost;
use tests::process::{cpu_time, peak_memory};
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::cost::assumptions::{AWS_CALL, S3_CALL, WEBHOOK_CALL, WHATSAPP_CALL};
use crate::cost::counters::{Counters, Stored, Traffic, Work};
use crate::cost::kind::{self, Kind};
use crate::cost::queues::Queues;
use crate::cost::units::Units;
use crate::cost::wire::Wire;
use crate::progress::wait;

/// WhatsApp's ids of the customer's number and business account, as long as real ones.
const NUMBER: &str = "106540352242921";
const BUSINESS: &str = "102290129340398";

/// The statuses of a message that was read, each with a webhook.
const STATUSES: usize = 3;
/// The events that the customer's webhook gets.
const EVENTS: [&str; 5] = ["message.received", "message.sent", "message.delivered", "message.read", "message.failed"];
/// The time between two scheduled runs of `settle`.
pub const MINUTE: Duration = Duration::from_secs(60);

/// A stack with a meter at every outgoing connection, whose servers have the latencies of AWS and WhatsApp.
pub struct MeteredStack {
    /// The stack.
    pub between: ProxiedStack,
    units: Arc<Units>,
    queues: Arc<Queues>,
    _aws: [Wire; 3],
    whatsapp: Wire,
    webhook: Wire,
    /// The API's answers, and their bytes.
    answers: [AtomicUsize; 2],
    /// The bytes of an answer to a callback.
    callback_answer: usize,
    /// The host of the customer's images.
    images: MediaHost,
}

impl MeteredStack {
    /// Starts it.
    pub async fn start(program: &str) -> Self {
        let (dynamodb, sqs) = (Wire::start(AWS_CALL).await, Wire::start(AWS_CALL).await);
        let s3 = Wire::start(S3_CALL).await;
        let (whatsapp, webhook) = (Wire::start(WHATSAPP_CALL).await, Wire::start(WEBHOOK_CALL).await);
        let mut between = ProxiedStack::start_with(program, |options| {
            let between = options.proxies.as_mut().expect("proxies");
            dynamodb.lead_to(&replace(&mut between.dynamodb, dynamodb.url.clone()));
            sqs.lead_to(&replace(&mut between.sqs, sqs.url.clone()));
            s3.lead_to(&between.s3.replace(s3.url.clone()).expect("a proxy"));
            between.whatsapp = Some(whatsapp.url.clone());
            options.parameters.remove("StatusWindowSeconds"); // the template's own
        })
        .await;
        whatsapp.lead_to(&between.stack.stack.addresses.whatsapp);
        webhook.lead_to(&between.stack.webhook.url);
        move_in(&mut between.stack, &format!("{}/webhook", webhook.url)).await;
        let (units, queues) = (Arc::new(Units::default()), Arc::new(Queues::default()));
        between.dynamodb.listen(units.clone());
        between.sqs.listen(queues.clone());
        let nothing = json!({ "object": "whatsapp_business_account", "entry": [] }).to_string();
        let callback_answer = bytes_of(between.stack.callback_answer(&nothing, None).await).await;
        let (aws, answers) = ([dynamodb, sqs, s3], Default::default());
        let images = kind::host().await;
        Self { between, units, queues, _aws: aws, whatsapp, webhook, answers, callback_answer, images }
    }

    /// The functions by name.
    pub fn functions(&self) -> impl Iterator<Item = (&String, &Function)> {
        self.between.stack.stack.functions.iter()
    }

    /// Sends a message.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn send(&self, kind: Kind, to: &str) {
        let stack = &self.between.stack;
        let mut body = kind.body(&self.images);
        (body["instanceId"], body["to"]) = (json!(stack.customer.instance_id), json!(to));
        self.ask(Method::POST, "/v1/messages/send", kind.key(), &body).await;
    }

    /// Sends a batch: each recipient with metadata and parameters of its own.
    ///
    /// # Panics
    /// When not all of it is accepted.
    pub async fn send_batch(&self, recipients: impl Iterator<Item = String>) {
        let recipient = |to| {
            let mut recipient = Kind::Batch.body(&self.images);
            recipient["to"] = json!(to);
            recipient
        };
        let recipients: Vec<_> = recipients.map(recipient).collect();
        let count = recipients.len();
        let body = json!({ "instanceId": self.between.stack.customer.instance_id, "recipients": recipients });
        let key = Some(uuid::Uuid::new_v4().to_string());
        let accepted = self.ask(Method::POST, "/v1/messages/batch", key, &body).await;
        assert_eq!(accepted["accepted"], count, "{accepted}");
    }

    /// Asks the API as a customer, and meters its answer.
    ///
    /// # Panics
    /// When it refuses.
    pub async fn ask(&self, method: Method, path: &str, key: Option<String>, body: &Value) -> Value {
        let stack = &self.between.stack;
        let request = stack.http.request(method, format!("{}{path}", stack.stack.addresses.api));
        let request = request.bearer_auth(stack.customer.api_key.expose_secret());
        let request = request.header("content-type", "application/json").body(body.to_string());
        let request = key.into_iter().fold(request, |request, key| request.header("idempotency-key", key));
        let answer = request.send().await.expect("the API answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        self.answers[0].fetch_add(1, Ordering::Relaxed);
        let head = head_of(&answer);
        let body = answer.bytes().await.expect("a body");
        self.answers[1].fetch_add(head + body.len(), Ordering::Relaxed);
        serde_json::from_slice(&body).expect("JSON")
    }

    /// Waits until each message has had its three webhooks and no function is running.
    pub async fn wait_for_rest(&self, messages: usize) {
        let stack = &self.between.stack;
        wait("webhooks", STATUSES * messages, || async { stack.webhook.count() }).await;
        self.wait_until_idle().await;
    }

    /// Lets a minute pass, until `settle` has done what was due by then.
    pub async fn pass_a_minute(&self) {
        let settle = &self.between.stack.stack.functions["settle"];
        let seen = settle.invocations();
        self.between.stack.pass(MINUTE);
        eventually("a scheduled run of settle", || async { (settle.invocations() > seen).then_some(()) }).await;
        self.wait_until_idle().await;
    }

    /// Waits until no function is running.
    pub async fn wait_until_idle(&self) {
        let at_work = || {
            self.between.stack.stack.functions.values().map(|function| function.concurrent_executions()).sum::<usize>()
        };
        eventually("no function to be running", || async { (at_work() == 0).then_some(()) }).await;
    }

    /// The readings of all meters.
    pub fn read(&self) -> Counters {
        let stack = &self.between.stack;
        let functions: BTreeMap<_, _> = stack
            .stack
            .functions
            .iter()
            .map(|(name, function)| {
                let cpu: Duration = function.pids().borrow().iter().map(|pid| cpu_time(*pid)).sum();
                let memory = function.pids().borrow().iter().map(|pid| peak_memory(*pid)).max().unwrap_or_default();
                (name.clone(), Work::new(function.invocations(), function.total_duration(), cpu, memory))
            })
            .collect();
        let logs = stack.logs();
        let callbacks = functions["receive"].invocations;
        Counters {
            consumed: self.units.consumed(),
            requests: self.queues.requests(),
            objects: self.between.s3.calls().into_iter().map(|(operation, count)| (operation, count as f64)).collect(),
            functions,
            log: Traffic::new(logs.lines().count(), logs.lines().map(str::len).sum()),
            whatsapp: Traffic::new(stack.whatsapp().ledger().asked(), self.whatsapp.out() as usize),
            webhooks: Traffic::new(stack.webhook.count(), self.webhook.out() as usize),
            api: Traffic::new(self.answers[0].load(Ordering::Relaxed), self.answers[1].load(Ordering::Relaxed)),
            callbacks: Traffic { count: callbacks, bytes: callbacks * self.callback_answer as f64 },
        }
    }

    /// How many objects the functions and the customer have put into the bucket.
    pub fn objects_put(&self) -> usize {
        self.between.s3.calls().get("PutObject").copied().unwrap_or_default()
    }

    /// The bytes of the table `Accounts`, which has the records of files.
    pub async fn bytes_of_accounts(&self) -> f64 {
        let stack = &self.between.stack.stack;
        let answer = stack.clients.dynamodb.describe_table().table_name(&stack.tables["Accounts"]).send().await;
        let table = answer.expect("the table answers").table.expect("a table");
        table.table_size_bytes.unwrap_or_default() as f64
    }

    /// What a message leaves in the tables, by their own counts.
    pub async fn stored(&self) -> Stored {
        let stack = &self.between.stack.stack;
        let answer = stack.clients.dynamodb.describe_table().table_name(&stack.tables["Messages"]).send().await;
        let table = answer.expect("the table answers").table.expect("a table");
        let messages = table.item_count.unwrap_or_default() as f64;
        let indexes = table.global_secondary_indexes().iter();
        let (entries, bytes) = indexes.fold((0, 0), |(entries, bytes), index| {
            (entries + index.item_count.unwrap_or_default(), bytes + index.index_size_bytes.unwrap_or_default())
        });
        Stored {
            record: table.table_size_bytes.unwrap_or_default() as f64 / messages,
            entries: entries as f64 / messages,
            entry_bytes: bytes as f64 / messages,
        }
    }
}

/// Makes a customer whose ids are as long as real ones, unlike the demo's, with one webhook and a template.
async fn move_in(stack: &mut TestStack, webhook: &str) {
    stack.customer.account_id = stack.open_account(Plan::Pro, 10_000_000).await;
    stack.customer.api_key = stack.key(&stack.customer.account_id, Scope::ALL, None).await.into();
    let (_, created) = stack.call("POST /v1/instances", json!({ "name": "Shop" })).await;
    stack.customer.instance_id = created["data"]["id"].as_str().and_then(|id| id.parse().ok()).expect("an instance");
    stack.customer.number_id = NUMBER.to_owned();
    let connect =
        json!({ "method": "official", "businessId": BUSINESS, "phoneNumberId": NUMBER, "accessToken": "EAAG-shop" });
    let path = format!("POST /v1/instances/{}/connect", stack.customer.instance_id);
    assert_eq!(stack.call(&path, connect).await.0, 200);
    let body = json!({ "url": webhook, "instanceId": stack.customer.instance_id, "events": EVENTS });
    let (_, created) = stack.call("POST /v1/webhooks", body).await;
    let webhook = created["data"]["id"].as_str().and_then(|id| id.parse().ok()).expect("a webhook");
    age(stack, &webhook).await;
    let template = json!({ "name": "order_shipped", "language": "pt_BR", "category": "UTILITY",
        "components": [{ "type": "BODY", "text": "{{1}}, o pedido {{2}} chega em {{3}}." }] });
    let url = format!("{}/v25.0/{BUSINESS}/message_templates", stack.stack.addresses.whatsapp);
    let added = stack.http.post(url).bearer_auth("EAAG-shop").body(template.to_string()).send().await;
    assert!(added.expect("the simulator answers").status().is_success());
}

/// Makes a webhook as it is after two days: attempts at a new one read whether their message was erased (docs/adr/0045). The clock of
/// a release build cannot be moved.
async fn age(stack: &TestStack, webhook: &WebhookId) {
    let key = ItemKey::webhook(&stack.customer.account_id, webhook);
    let aged = UpdateBuilder::new().remove("erasureCheckUntil").when_present("erasureCheckUntil");
    assert!(stack.accounts.update(key, &aged).await.expect("the table takes it").is_applied());
}

/// The bytes of an answer on the wire.
async fn bytes_of(answer: Response) -> usize {
    head_of(&answer) + answer.bytes().await.map_or(0, |body| body.len())
}

fn head_of(answer: &Response) -> usize {
    let line = format!("HTTP/1.1 {}\r\n\r\n", answer.status()).len();
    let headers = answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    line + headers.sum::<usize>()
}
