//! The queues of what only the operator can resolve. SQS and Lambda put messages there as well as functions: so their depth is
//! counted as a metric, new ones for the one alarm of basic monitoring, and what is in them is listed with what was given up elsewhere. It stays in its
//! queue, for a redrive.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use aws_lambda_events::sqs::SqsMessage;
use aws_sdk_sqs::Client;
use futures::future::try_join_all;
use serde_json::Value;
use shared::aws::{AccountsTable, EnvironmentError, ProcessingError, QueueReader, TableError, environment};
use shared::clock::{self, Timestamp};
use shared::ids::AccountId;
use shared::observability::{Metric, metrics};
use shared::webhook::DeadLetter;

use crate::closing::pace::Pace;

/// Seconds between two counts: in each period of five minutes of the metric there is one.
const INTERVAL: i64 = 240;
/// The most batches of a queue that are listed at once: the first hundred messages or so say what is wrong.
const MOST_BATCHES: usize = 10;

/// The names of the queues, the variables with their URLs, and why a message is in them.
const QUEUES: [(&str, &str, &str); 3] = [
    (
        "SettleDeadLetters",
        "SETTLE_DEAD_LETTERS_URL",
        "An outcome that could not be settled: the log of settle says why.",
    ),
    (
        "MediaDeadLetters",
        "MEDIA_DEAD_LETTERS_URL",
        "The processes that moved a file have crashed: the log of media says why.",
    ),
    (
        "UnreadableRecords",
        "UNREADABLE_RECORDS_URL",
        "A batch of a stream that failed too often: the log of notify says why.",
    ),
];

/// The queues, and when they were last counted.
pub struct OperatorQueues {
    accounts: AccountsTable,
    retention: Duration,
    queues: Vec<OperatorQueue>,
    counted_at: AtomicI64,
}

struct OperatorQueue {
    name: &'static str,
    reason: &'static str,
    reader: QueueReader,
    known: KnownDepth,
}

/// How many messages a queue had when this process last counted them.
#[derive(Default)]
struct KnownDepth(AtomicU64);

impl KnownDepth {
    /// Notes how many there are now, and says whether there are more.
    fn grows_to(&self, count: u64) -> bool {
        count > self.0.swap(count, Ordering::Relaxed)
    }
}

impl OperatorQueues {
    /// The queues that the environment names; what is in them is listed in this table.
    pub fn from_environment(client: &Client, accounts: AccountsTable) -> Result<Self, EnvironmentError> {
        let queue = |(name, variable, reason)| {
            let reader = QueueReader::from_environment(client.clone(), variable)?;
            Ok::<_, EnvironmentError>(OperatorQueue { name, reason, reader, known: KnownDepth::default() })
        };
        let queues = QUEUES.into_iter().map(queue).collect::<Result<_, _>>()?;
        Ok(Self { accounts, retention: environment::retention()?, queues, counted_at: AtomicI64::new(0) })
    }

    /// Counts and lists what waits for the operator, unless this process has just done so, or until there is too little time.
    pub async fn count(&self, deadline: SystemTime) {
        let now = clock::now().secs();
        if now < self.counted_at.load(Ordering::Relaxed) + INTERVAL {
            return;
        }
        self.counted_at.store(now, Ordering::Relaxed);
        let pace = Pace::new(deadline);
        let mut left_accounts = LeftAccounts::new(&self.accounts);
        for queue in self.queues.iter().take_while(|_| pace.has_time()) {
            match queue.reader.visible().await {
                Ok(count) => {
                    metrics::count_many(Metric::DeadLettersLeft, count);
                    if queue.known.grows_to(count) {
                        // Once: an alarm that stays on until the operator has emptied the queue hides what comes next.
                        metrics::count(Metric::Attention);
                    }
                    if count == 0 {
                        continue;
                    }
                    if let Err(error) = self.list(queue, &mut left_accounts, &pace).await {
                        tracing::error!(queue = queue.name, %error, "operator_queue.list_failed");
                    }
                }
                Err(error) => tracing::error!(%error, "operator_queue.count_failed"),
            }
        }
    }

    /// Lists what is in a queue. A message that is received is hidden for half a minute only, so that it can be redriven; its next
    /// row is the same.
    async fn list(
        &self,
        queue: &OperatorQueue,
        left_accounts: &mut LeftAccounts<'_>,
        pace: &Pace,
    ) -> Result<(), ProcessingError> {
        for _ in (0..MOST_BATCHES).take_while(|_| pace.has_time()) {
            let messages = queue.reader.receive(Duration::ZERO).await?;
            if messages.is_empty() {
                break;
            }
            let mut letters = Vec::with_capacity(messages.len());
            for message in messages.iter().filter(|message| !is_listed_by_notify(message)) {
                let letter = self.letter(queue, message);
                if !left_accounts.contain(letter.account_id.as_ref()).await? {
                    letters.push(letter);
                }
            }
            try_join_all(letters.iter().map(|letter| self.accounts.put_dead_letter(letter))).await?;
        }
        Ok(())
    }

    fn letter(&self, queue: &OperatorQueue, message: &SqsMessage) -> DeadLetter {
        let sent = message.attributes.get("SentTimestamp").and_then(|millis| millis.parse().ok());
        let at = sent.map_or_else(clock::now, Timestamp::from_millis);
        let id = message.message_id.as_deref().unwrap_or_default();
        let body = message.body.as_deref().unwrap_or_default();
        DeadLetter::left((queue.name, id), body, queue.reason, at, at.plus(self.retention))
    }
}

/// Which accounts are closing or closed, each read once in a run. Rows of theirs would come back until the queue's message ends,
/// after all that the account had is deleted (docs/adr/0060).
struct LeftAccounts<'a> {
    accounts: &'a AccountsTable,
    known: HashMap<AccountId, bool>,
}

impl<'a> LeftAccounts<'a> {
    fn new(accounts: &'a AccountsTable) -> Self {
        Self { accounts, known: HashMap::new() }
    }

    async fn contain(&mut self, account: Option<&AccountId>) -> Result<bool, TableError> {
        let Some(id) = account else { return Ok(false) };
        if let Some(is_left) = self.known.get(id) {
            return Ok(*is_left);
        }
        let is_left = self.accounts.account(id).await?.is_some_and(|account| !account.is_open());
        self.known.insert(id.clone(), is_left);
        Ok(is_left)
    }
}

/// Whether it is the key of a record that `notify` has put aside, and listed.
fn is_listed_by_notify(message: &SqsMessage) -> bool {
    let body = message.body.as_deref().and_then(|body| serde_json::from_str::<Value>(body).ok());
    body.is_some_and(|body| body["keys"].is_object())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_told_when_there_are_more_messages_and_not_as_long_as_there_are_some() {
        let depth = KnownDepth::default();
        let told: Vec<bool> = [0, 2, 2, 1, 2, 0, 1].into_iter().map(|count| depth.grows_to(count)).collect();
        assert_eq!(told, [false, true, false, false, true, false, true]);
    }
}
