//! A stack for one test: free ports, tables in memory, and logs in a temporary folder.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types;
use aws_sdk_dynamodbstreams::types::{AttributeValue, ShardIteratorType, StreamRecord};
use local::dev_stack::seed::{self, Customer, DemoNumber};
use local::dev_stack::{FunctionOverride, Options, Stack};
use local::simulator::{ServiceWindow, Simulator};
use reqwest::Client;
use serde_json::{Value, json};
use shared::aws::{AccountsTable, Item, UpdateBuilder, conditional_write};
use shared::clock::Timestamp;
use shared::ids::MessageId;
use shared::message::record_keys::{conversation_key, history_key};
use shared::message::{Message, MessageRepository, State};
use tempfile::TempDir;

use crate::handled_messages::Handled;
use crate::process;
use crate::wait::{eventually, in_time};
use crate::webhook_receiver::WebhookReceiver;

/// The functions of the project's template.
const FUNCTIONS: [&str; 7] = ["send", "deliver", "receive", "notify", "settle", "manage", "media"];
/// How many times its timeout an invocation may take, so that it ends on a busy machine too.
const OVERTIME: u32 = 4;
/// Longer than the delivery queues' visibility timeout and any lease.
pub const UNTIL_REDELIVERY: Duration = Duration::from_secs(200);
/// The simulator refuses this number's first message (131056, too many to this recipient) and asks for 99 minutes, so
/// that it stays queued for as long as the test does not move the clock. It takes the second.
pub const REFUSED_FOR_HOURS: &str = "155899131056";
/// Longer than any wait before a retry that the simulator asks for: 99 minutes, and half as much again at random.
pub const LONGEST_RETRY_WAIT: Duration = Duration::from_secs(150 * 60);
/// How far ahead tests book a number's slots, so that no slot comes before the test moves the clock: longer than any test
/// waits for anything, and nearer than slots whose messages wait in the table.
pub const FAR_AHEAD: Duration = Duration::from_secs(110);
/// Longer than the settle queue's delay.
pub const UNTIL_SETTLED: Duration = Duration::from_secs(15 * 60 + 5);

/// A running stack with a customer and a webhook.
pub struct TestStack {
    /// The stack.
    pub stack: Stack,
    /// Its customer.
    pub customer: Customer,
    /// The customer's webhook, subscribed to every event.
    pub webhook: Arc<WebhookReceiver>,
    /// An HTTP client.
    pub http: Client,
    /// The records of messages.
    pub messages: MessageRepository,
    /// The accounts.
    pub accounts: AccountsTable,
    /// The messages that `deliver` has finished with.
    pub(crate) handled: Handled,
    folder: TempDir,
}

/// The project's template.
pub fn template() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml")
}

/// Has a function trust one certificate, whose key nobody has, in place of the machine's. To read all of those takes a third of
/// the time that a process of a debug build needs to start, and no test calls a public host.
fn without_authorities() -> FunctionOverride {
    let variables =
        [("SSL_CERT_FILE".to_owned(), concat!(env!("CARGO_MANIFEST_DIR"), "/certificate-of-nobody.pem").to_owned())];
    FunctionOverride { variables: variables.into(), ..FunctionOverride::default() }
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
        window: ServiceWindow::Off,
        proxies: None,
        loopback_endpoints: true,
        parameters: [("StatusWindowSeconds", "0".to_owned())].into(), // most tests wait for statuses, one after the other
        secrets: BTreeMap::new(),
        overtime: OVERTIME,
        function_overrides: FUNCTIONS.into_iter().map(|name| (name.to_owned(), without_authorities())).collect(),
    }
}

impl TestStack {
    /// Starts a stack with default options.
    pub async fn start(program: &str) -> Self {
        Self::start_with(program, |_| {}).await
    }

    /// Starts a stack that was upgraded from a version without `CallbackKeys`.
    pub async fn start_upgraded(program: &str) -> Self {
        Self::start_with(program, |options| drop(options.parameters.insert("EarlierKeys", "true".to_owned()))).await
    }

    /// Starts a stack with changed options.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_with(program: &str, change: impl FnOnce(&mut Options)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = options(program, folder.path());
        change(&mut options);
        let stack = Stack::start(options).await.expect("the stack starts");
        let handled = Handled::record(&stack.functions["deliver"]);
        let customer = seed::customer(&stack, DemoNumber::default()).await.expect("a customer");
        let accounts = stack.accounts();
        let messages = stack.messages();
        let webhook = Arc::new(WebhookReceiver::start().await);
        let http = Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
        let test_stack = Self { stack, customer, webhook, http, messages, accounts, handled, folder };
        test_stack.register(&test_stack.webhook).await;
        test_stack
    }

    /// The simulator.
    ///
    /// # Panics
    /// When the stack has none.
    pub fn whatsapp(&self) -> &Simulator {
        self.stack.simulator.as_ref().expect("messages go to the simulator")
    }

    /// Waits until the API shows a message with this status.
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

    /// Updates a record directly, as another process would.
    ///
    /// # Panics
    /// When the write fails.
    pub async fn update_record(&self, id: &MessageId, update: UpdateBuilder) {
        let key = Item::from([("id".to_owned(), types::AttributeValue::S(id.to_string()))]);
        let (dynamodb, table) = (&self.stack.clients.dynamodb, &self.stack.tables["Messages"]);
        conditional_write::update(dynamodb, table, key, &update).await.expect("the table takes it");
    }

    /// Waits until the nth attempt at a message has its result and `deliver` has returned the message to its queue, so
    /// that the clock can be moved. When the wait before the next attempt was short, that attempt may have begun by
    /// itself.
    pub async fn wait_for_attempt(&self, id: &MessageId, attempt: u32) -> Message {
        let deliver = &self.stack.functions["deliver"];
        let ask = || async {
            let message = self.record(id).await;
            let has_result = message.attempt == attempt && message.status != State::Sending;
            (message.attempt > attempt || has_result && deliver.concurrent_executions() == 0).then_some(message)
        };
        eventually(&format!("attempt {attempt} at {id} to have a result"), ask).await
    }

    /// A copy of a message that was read, as `send` first writes it, under an id of its own and in no queue: nothing
    /// happens to it until the test enqueues it. `change` is applied before it is written.
    ///
    /// # Panics
    /// When the write fails.
    pub async fn insert_queued(&self, change: impl FnOnce(&mut Message)) -> MessageId {
        let accepted = self.send_text("5511999999999", "hello").await;
        self.wait_for_status(&accepted, "read").await;
        let mut message = Message {
            id: MessageId::generate(),
            status: State::Queued,
            rank: State::Queued.rank(),
            attempt: 0,
            number_id: None,
            sent_at: None,
            delivered_at: None,
            read_at: None,
            provider_id: None,
            publishes: None,
            ..self.record(&accepted).await
        };
        change(&mut message);
        message.conversation = conversation_key(&message.instance_id, message.contact.as_str());
        message.history_key = history_key(message.created_at, &message.id);
        self.messages.insert(&message).await.expect("the table takes it");
        message.id
    }

    /// Sends a message that WhatsApp accepts without an answer, and kills the process that waits for the answer: the
    /// outcome is unknown, and `settle` will check it.
    pub async fn leave_unknown(&self, to: &str) -> MessageId {
        self.leave_unknown_of(&json!("inst_abc123"), to).await
    }

    /// The same from this instance.
    pub async fn leave_unknown_of(&self, instance: &Value, to: &str) -> MessageId {
        let id = self.take_and_die(instance, to).await;
        self.wait_until_unknown(&id).await;
        id
    }

    /// Sends a message that WhatsApp takes without an answer, and kills `deliver` before it could know.
    pub async fn take_and_die(&self, instance: &Value, to: &str) -> MessageId {
        let id = self.send(json!({ "instanceId": instance, "to": to, "message": "hello" })).await;
        self.wait_for_taken(1).await;
        process::kill(self.pid("deliver"));
        id
    }

    /// Lets the time pass until its outcome counts as unknown.
    pub async fn wait_until_unknown(&self, id: &MessageId) {
        self.pass(UNTIL_REDELIVERY);
        self.wait_for_state(id, State::Unknown).await;
        // Once more when the message was received again while its first invocation had not ended: the clock moves in between.
        self.wait_for_any_delayed("SettleQueue").await;
        self.wait_for_in_flight("ExpressQueue.fifo", 0).await; // or its queue message would come again
    }

    /// Moves the stack's clock.
    ///
    /// # Panics
    /// When its file can't be written.
    pub fn pass(&self, time: Duration) {
        self.stack.clock.advance(time).expect("the clock's file");
    }

    /// The time by the stack's clock.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.stack.clock.now())
    }

    /// The process of a function that receives the next event.
    ///
    /// # Panics
    /// When there is none.
    pub fn pid(&self, function: &str) -> u32 {
        *self.stack.functions[function].pids().borrow().first().expect("a process")
    }

    /// The logs of all functions.
    ///
    /// # Panics
    /// When a log can't be read.
    pub fn logs(&self) -> String {
        let logs = std::fs::read_dir(self.folder.path().join("logs")).expect("a folder");
        logs.map(|log| std::fs::read_to_string(log.expect("an entry").path()).expect("a log")).collect()
    }

    /// The lines of these logs that are JSON.
    ///
    /// # Panics
    /// As above.
    pub fn log_lines(&self) -> Vec<Value> {
        self.logs().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
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
        let mut iterator = request.send().await.expect("an iterator").shard_iterator;
        let mut changes = Vec::new();
        loop {
            let answer = streams.get_records().set_shard_iterator(iterator).send().await.expect("records");
            let records = answer.records.unwrap_or_default();
            if records.is_empty() {
                return changes;
            }
            changes.extend(records.into_iter().filter_map(|record| record.dynamodb));
            iterator = answer.next_shard_iterator;
        }
    }

    /// A message's record after each write, oldest first.
    pub async fn images(&self, id: &MessageId) -> Vec<HashMap<String, AttributeValue>> {
        let of_message = |change: &StreamRecord| {
            change.keys().and_then(|keys| keys.get("id")?.as_s().ok()).is_some_and(|key| key == id.as_str())
        };
        self.changes().await.into_iter().filter(of_message).filter_map(|change| change.new_image).collect()
    }

    /// Waits until a callback of the customer's number has been stored since `then`: without one, `settle` fails no
    /// attempt of unknown outcome. A message can be shown as read before `receive` has noted that.
    ///
    /// # Panics
    /// When the table does not answer.
    pub async fn wait_for_callback_since(&self, then: Timestamp) {
        let number = self.instance().await.number.expect("a number").id;
        let was_stored = || async {
            let owner = self.accounts.number_owner(&number).await.expect("the table answers")?;
            owner.last_callback_at.filter(|at| *at >= then).map(drop)
        };
        eventually("a callback to be noted", was_stored).await;
    }

    /// Waits until this many messages were posted to WhatsApp.
    pub async fn wait_for_asked(&self, count: usize) {
        in_time(&format!("{count} posts"), self.whatsapp().ledger().wait_for_asked(count)).await;
    }

    /// Waits until WhatsApp has accepted this many messages.
    pub async fn wait_for_taken(&self, count: usize) {
        in_time(&format!("{count} messages"), self.whatsapp().ledger().wait_for_taken(count)).await;
    }
}
