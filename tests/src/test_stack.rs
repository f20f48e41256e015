//! A stack of one test's own: free ports, tables in memory, logs in a folder that goes with it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::hmac;
use aws_sdk_dynamodbstreams::types::{AttributeValue, ShardIteratorType, StreamRecord};
use aws_sdk_sqs::types::QueueAttributeName;
use local::seed::{self, Customer, DemoNumber};
use local::simulator::Simulator;
use local::stack::{Options, Stack};
use reqwest::{Client, Response, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::account_table::AccountTable;
use shared::clock::{self, Timestamp};
use shared::ids::{MessageId, WebhookId};
use shared::message::Message;
use shared::message_table::MessageTable;
use shared::state::{State, Transition};
use shared::webhook::Webhook;
use tempfile::TempDir;

use crate::process;
use crate::receiver::Receiver;
use crate::wait::{eventually, in_time};

/// Longer than the delivery queues' visibility time-out and any lease.
pub const UNTIL_REDELIVERY: Duration = Duration::from_secs(200);

/// A running stack with a customer and a webhook.
pub struct TestStack {
    /// The stack.
    pub stack: Stack,
    /// Its customer.
    pub customer: Customer,
    /// The customer's webhook, told of every event.
    pub webhook: Receiver,
    /// Plain HTTP.
    pub http: Client,
    /// The records.
    pub messages: MessageTable,
    /// The accounts.
    pub accounts: AccountTable,
    folder: TempDir,
}

/// The project's template.
pub fn template() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml")
}

/// Options of a stack on free ports, with its logs below `folder`. `program` is `CARGO_BIN_EXE_pombo-under-test`.
pub fn options(program: &str, folder: &Path) -> Options {
    Options {
        port: 0,
        template: template(),
        program: PathBuf::from(program),
        data: None,
        logs: folder.join("logs"),
        whatsapp: None,
        in_between: None,
        loopback_endpoints: true,
    }
}

impl TestStack {
    /// Starts a stack as it is.
    pub async fn start(program: &str) -> Self {
        Self::start_with(program, |_| {}).await
    }

    /// Starts a stack after a change of its options.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_with(program: &str, change: impl FnOnce(&mut Options)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = options(program, folder.path());
        change(&mut options);
        let stack = Stack::start(options).await.expect("the stack starts");
        let customer = seed::customer(&stack, DemoNumber::default()).await.expect("a customer");
        let accounts = stack.accounts();
        let messages = stack.messages();
        let webhook = Receiver::start().await;
        let http = Client::builder().no_proxy().build().expect("a client");
        let test_stack = Self { stack, customer, webhook, http, messages, accounts, folder };
        test_stack.register(&test_stack.webhook).await;
        test_stack
    }

    /// Gives the customer another webhook, told of every event.
    ///
    /// # Panics
    /// When the table does not take it.
    pub async fn register(&self, receiver: &Receiver) {
        let id = WebhookId::generate();
        let place = Webhook::secret_place(&self.customer.account_id, &id);
        let secret = seed::sealer(&self.stack).expect("the stack's keys").seal(&receiver.secret, &place);
        let webhook = Webhook {
            instance_id: Some(self.customer.instance_id.clone()),
            events: Transition::ALL.map(|transition| transition.event().to_owned()).to_vec(),
            ..Webhook::new(self.customer.account_id.clone(), id, receiver.url.clone(), secret, clock::now())
        };
        self.accounts.put_webhook(&webhook).await.expect("the table takes a webhook");
    }

    /// The simulator.
    ///
    /// # Panics
    /// When the stack has none.
    pub fn whatsapp(&self) -> &Simulator {
        self.stack.simulator.as_ref().expect("messages go to the simulator")
    }

    /// Sends a text and gives the message's id.
    pub async fn send_text(&self, to: &str, text: &str) -> MessageId {
        self.send(json!({ "instanceId": self.customer.instance_id, "to": to, "message": text })).await
    }

    /// Sends a message that is accepted and gives its id.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn send(&self, body: Value) -> MessageId {
        let (status, answer) = self.post("/v1/messages/send", &body.to_string()).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
        assert_eq!((&answer["success"], &answer["status"]), (&json!(true), &json!("queued")), "{answer}");
        answer["messageId"].as_str().and_then(|id| id.parse().ok()).expect("a message id")
    }

    /// Posts a body with the customer's key.
    ///
    /// # Panics
    /// When there is no answer in JSON.
    pub async fn post(&self, path: &str, body: &str) -> (StatusCode, Value) {
        let request = self.http.post(format!("{}{path}", self.stack.addresses.api)).body(body.to_owned());
        self.ask(request.header("content-type", "application/json")).await
    }

    /// Gets a path with the customer's key.
    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.ask(self.http.get(format!("{}{path}", self.stack.addresses.api))).await
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> (StatusCode, Value) {
        let request = request.bearer_auth(self.customer.api_key.expose_secret());
        let response = request.send().await.expect("the API answers");
        let status = response.status();
        let text = response.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} {text}")))
    }

    /// Calls the API, as in `call("PATCH /v1/instances/inst_1", body)`, with the customer's key. A null body is none, and
    /// no answer is null.
    pub async fn call(&self, method_and_path: &str, body: Value) -> (u16, Value) {
        self.call_as(self.customer.api_key.expose_secret(), method_and_path, body).await
    }

    /// The same with the deployment's admin key.
    pub async fn operate(&self, method_and_path: &str, body: Value) -> (u16, Value) {
        let key = self.stack.secrets.text("AdminKey").unwrap_or_default().to_owned();
        self.call_as(&key, method_and_path, body).await
    }

    /// The same with any key.
    ///
    /// # Panics
    /// When there is no answer in JSON.
    pub async fn call_as(&self, key: &str, method_and_path: &str, body: Value) -> (u16, Value) {
        let (method, path) = method_and_path.split_once(' ').expect("a method and a path");
        let url = format!("{}{path}", self.stack.addresses.api);
        let mut request = self.http.request(method.parse().expect("a method"), url).bearer_auth(key);
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.expect("the API answers");
        let status = response.status().as_u16();
        let text = response.text().await.expect("a body");
        let text = if text.is_empty() { "null" } else { &text };
        (status, serde_json::from_str(text).unwrap_or_else(|_| panic!("{status} {text}")))
    }

    /// Posts a callback as Meta does, signed with the deployment's app secret or with what is given.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn post_callback(&self, body: &str, signature: Option<&str>) -> u16 {
        self.callback_answer(body, signature).await.status().as_u16()
    }

    /// The same, for the whole answer.
    ///
    /// # Panics
    /// When there is none.
    pub async fn callback_answer(&self, body: &str, signature: Option<&str>) -> Response {
        let app: Value = serde_json::from_str(self.stack.secrets.text("WhatsAppApp").expect("a secret")).expect("JSON");
        let key = hmac::Key::new(hmac::HMAC_SHA256, app["appSecret"].as_str().expect("a text").as_bytes());
        let right = format!("sha256={}", hex::encode(hmac::sign(&key, body.as_bytes())));
        let request = self.http.post(&self.stack.addresses.callback).header("content-type", "application/json");
        let request = request.header("x-hub-signature-256", signature.unwrap_or(&right)).body(body.to_owned());
        request.send().await.expect("an answer")
    }

    /// What the API says of a message.
    pub async fn status(&self, id: &MessageId) -> Value {
        let (status, answer) = self.get(&format!("/v1/messages/{id}/status")).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["data"].clone()
    }

    /// Waits until the API shows a message so.
    pub async fn wait_for_status(&self, id: &MessageId, shown: &str) -> Value {
        let ask = || async { Some(self.status(id).await).filter(|status| status["status"] == shown) };
        eventually(&format!("{id} to be {shown}"), ask).await
    }

    /// The record of a message.
    ///
    /// # Panics
    /// When there is none.
    pub async fn record(&self, id: &MessageId) -> Message {
        self.messages.get(id).await.expect("the table answers").expect("a record")
    }

    /// Waits until a message's record is in a state.
    pub async fn wait_for_state(&self, id: &MessageId, state: State) -> Message {
        let ask = || async { Some(self.record(id).await).filter(|message| message.status == state) };
        eventually(&format!("{id} to be {state:?}"), ask).await
    }

    /// Waits until deliver has let go of a message that it will try again: its record says so, and its batch has returned,
    /// so that the queue knows for how long. Only then may the clock be moved.
    pub async fn wait_for_release(&self, id: &MessageId) -> Message {
        let message = self.wait_for_state(id, State::Queued).await;
        let deliver = &self.stack.functions["deliver"];
        eventually("deliver to be idle", || async { (deliver.at_work() == 0).then_some(()) }).await;
        message
    }

    /// Sends a message that WhatsApp takes without an answer, and kills the process that waits for it: its outcome is
    /// unknown, and `settle` will look at it.
    pub async fn leave_unknown(&self, to: &str) -> MessageId {
        let id = self.send_text(to, "hello").await;
        self.wait_for_taken(1).await;
        process::kill(self.pid("deliver"));
        self.pass(UNTIL_REDELIVERY);
        self.wait_for_state(&id, State::Unknown).await;
        self.wait_for_delayed("SettleQueue", 1).await;
        self.wait_for_in_flight("ExpressQueue.fifo", 0).await; // or its queue message would come again
        id
    }

    /// Moves the stack's clock.
    ///
    /// # Panics
    /// When the functions' view of it can't be written.
    pub fn pass(&self, time: Duration) {
        self.stack.clock.advance(time).expect("the clock's file");
    }

    /// What time it is for the stack.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.stack.clock.now())
    }

    /// The process of a function that will get the next event.
    ///
    /// # Panics
    /// When there is none.
    pub fn pid(&self, function: &str) -> u32 {
        *self.stack.functions[function].pids().borrow().first().expect("a process")
    }

    /// Waits until this many messages are delayed in a queue and none is in flight: then the clock may be moved without
    /// making anything visible that is still being worked on.
    pub async fn wait_for_delayed(&self, queue: &str, count: usize) {
        let ask = || async { (self.count(queue).await? == (count, 0)).then_some(()) };
        eventually(&format!("{count} delayed messages in {queue}"), ask).await;
    }

    /// Waits until this many messages are in flight in a queue: being worked on, or given back for later.
    pub async fn wait_for_in_flight(&self, queue: &str, count: usize) {
        let ask = || async { (self.count(queue).await?.1 == count).then_some(()) };
        eventually(&format!("{count} messages in flight in {queue}"), ask).await;
    }

    /// Waits until deliver has given this many messages back for later and is idle: only then may the clock be moved, or
    /// their waits would begin after it.
    pub async fn wait_until_given_back(&self, queue: &str, count: usize) {
        let deliver = &self.stack.functions["deliver"];
        let ask = || async { (deliver.at_work() == 0 && self.count(queue).await?.1 == count).then_some(()) };
        eventually(&format!("{count} messages of {queue} to be given back"), ask).await;
    }

    /// How many messages of a queue are delayed, and how many in flight.
    async fn count(&self, queue: &str) -> Option<(usize, usize)> {
        let request = self.stack.clients.sqs.get_queue_attributes().queue_url(self.queue_url(queue));
        let answer = request.attribute_names(QueueAttributeName::All).send().await.ok()?;
        let count_of = |name| answer.attributes()?.get(&name)?.parse::<usize>().ok();
        let delayed = count_of(QueueAttributeName::ApproximateNumberOfMessagesDelayed)?;
        Some((delayed, count_of(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)?))
    }

    /// The address of one of the stack's queues.
    pub fn queue_url(&self, queue: &str) -> String {
        format!("{}/000000000000/{queue}", self.stack.addresses.sqs)
    }

    /// All that the functions have written into their logs.
    ///
    /// # Panics
    /// When a log can't be read.
    pub fn logs(&self) -> String {
        let logs = std::fs::read_dir(self.folder.path().join("logs")).expect("a folder");
        logs.map(|log| std::fs::read_to_string(log.expect("an entry").path()).expect("a log")).collect()
    }

    /// All changes of messages so far, from their stream.
    ///
    /// # Panics
    /// When the stream does not answer.
    pub async fn changes(&self) -> Vec<StreamRecord> {
        let streams = &self.stack.clients.streams;
        let listed = streams.list_streams().table_name(&self.stack.tables["Messages"]).send().await.expect("streams");
        let arn = listed.streams()[0].stream_arn().expect("an ARN");
        let described = streams.describe_stream().stream_arn(arn).send().await.expect("a stream");
        let shard = described.stream_description().expect("a stream").shards()[0].shard_id().expect("a shard");
        let request = streams.get_shard_iterator().stream_arn(arn).shard_id(shard);
        let request = request.shard_iterator_type(ShardIteratorType::TrimHorizon);
        let iterator = request.send().await.expect("an iterator").shard_iterator;
        let records = streams.get_records().set_shard_iterator(iterator).send().await.expect("records").records;
        records.into_iter().flatten().filter_map(|record| record.dynamodb).collect()
    }

    /// What a message's record was after each write, oldest first.
    pub async fn images(&self, id: &MessageId) -> Vec<HashMap<String, AttributeValue>> {
        let of_message = |change: &StreamRecord| {
            change.keys().and_then(|keys| keys.get("id")?.as_s().ok()).is_some_and(|key| key == id.as_str())
        };
        self.changes().await.into_iter().filter(of_message).filter_map(|change| change.new_image).collect()
    }

    /// Waits until WhatsApp was asked to send this many messages.
    pub async fn wait_for_asked(&self, count: usize) {
        in_time(&format!("{count} posts"), self.whatsapp().ledger().wait_for_asked(count)).await;
    }

    /// Waits until WhatsApp has taken this many messages.
    pub async fn wait_for_taken(&self, count: usize) {
        in_time(&format!("{count} messages"), self.whatsapp().ledger().wait_for_taken(count)).await;
    }
}
