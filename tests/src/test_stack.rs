//! A stack of one test's own: free ports, tables in memory, logs in a folder that goes with it.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_sdk_dynamodbstreams::types::{AttributeValue, ShardIteratorType, StreamRecord};
use local::seed::{self, Customer, DemoNumber};
use local::simulator::Simulator;
use local::stack::{Options, Stack};
use reqwest::Client;
use serde_json::Value;
use shared::account_table::AccountTable;
use shared::clock::Timestamp;
use shared::ids::MessageId;
use shared::message::Message;
use shared::message_table::MessageTable;
use shared::state::State;
use tempfile::TempDir;

use crate::process;
use crate::receiver::Receiver;
use crate::wait::{eventually, in_time};

/// Longer than the delivery queues' visibility time-out and any lease.
pub const UNTIL_REDELIVERY: Duration = Duration::from_secs(200);
/// Longer than the settle queue's delay.
pub const UNTIL_SETTLED: Duration = Duration::from_secs(15 * 60 + 5);

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
        stand_ins: BTreeMap::new(),
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

    /// The simulator.
    ///
    /// # Panics
    /// When the stack has none.
    pub fn whatsapp(&self) -> &Simulator {
        self.stack.simulator.as_ref().expect("messages go to the simulator")
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
