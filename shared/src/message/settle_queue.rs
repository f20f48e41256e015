//! The queue of `settle`'s jobs, each received after its own delay. Attempts of unknown outcome come through it as well
//! ([`UnknownOutcomeQueue`](crate::message::UnknownOutcomeQueue)), after the queue's.

use std::time::Duration;

use aws_sdk_sqs::Client;
use serde::{Deserialize, Serialize};

use crate::aws::sqs::{delay_seconds, message_body};
use crate::aws::{EnvironmentError, QueueError, environment};
use crate::clock::{self, Timestamp};
use crate::ids::{AccountId, InstanceId, MessageId};
use crate::ledger::TABLE_WAIT;
use crate::ledger::reservation::REQUEST_ENDED;
use crate::message::bulk_lane_check::BulkLaneCheck;
use crate::message::expiry_check::ExpiryCheck;
use crate::message::queued_message::QueuedMessage;
use crate::message::record::Message;
use crate::message::unknown_outcome_queue::UnknownOutcome;

/// The environment variable with the queue's URL.
pub const SETTLE_QUEUE: &str = "SETTLE_QUEUE_URL";

/// After how long `settle` enqueues a message again that was moved back: SQS would drop a second one in the same minute.
const MOVE_DELAY: Duration = Duration::from_secs(60);

/// A job of `settle`, each told by the names of its fields.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum SettleJob {
    /// An attempt whose outcome was unknown 15 minutes ago.
    UnknownOutcome(UnknownOutcome),
    /// A message that `deliver` received too often: a dead letter of a delivery queue.
    DeadLetter(QueuedMessage),
    /// A message that `deliver` moved back.
    MovedBack(MovedBack),
    /// Messages to send at their time.
    Scheduled(ScheduledMessages),
    /// An instance whose batches have something to do.
    BatchesOf(BatchesOf),
    /// A message that may have expired in a delivery queue.
    ExpiryCheck(ExpiryCheck),
    /// An instance that may have left the bulk lane.
    BulkLaneCheck(BulkLaneCheck),
}

/// Messages to enqueue at their `sendAt`.
#[derive(Debug, Deserialize, Serialize)]
pub struct ScheduledMessages {
    /// Their ids. All of one instance.
    #[serde(rename = "scheduled")]
    pub message_ids: Vec<MessageId>,
}

/// A message that gave up its place in its message group.
#[derive(Debug, Deserialize, Serialize)]
pub struct MovedBack {
    /// The message.
    #[serde(rename = "movedBack")]
    pub message_id: MessageId,
}

/// An instance whose batches have something to do.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchesOf {
    /// The account.
    pub account_id: AccountId,
    /// The instance.
    #[serde(rename = "batchesOf")]
    pub instance_id: InstanceId,
}

/// The queue.
#[derive(Clone, Debug)]
pub struct SettleQueue {
    client: Client,
    url: String,
}

impl SettleQueue {
    /// The queue that `SETTLE_QUEUE_URL` names.
    pub fn from_environment(client: Client) -> Result<Self, EnvironmentError> {
        Ok(Self { client, url: environment::text(SETTLE_QUEUE)? })
    }

    /// Has `settle` enqueue messages of one instance at their `sendAt`, if that is soon: else the feeder finds them in time.
    pub async fn schedule_messages(
        &self,
        account: &AccountId,
        ids: &[MessageId],
        send_at: Timestamp,
    ) -> Result<(), QueueError> {
        let wait = clock::now().until(send_at);
        if wait > TABLE_WAIT {
            return Ok(());
        }
        self.send(account, &ScheduledMessages { message_ids: ids.to_vec() }, wait).await
    }

    /// Has `settle` enqueue a message again behind the others, by the record that is there in a minute.
    pub async fn move_back(&self, account: &AccountId, id: &MessageId) -> Result<(), QueueError> {
        self.send(account, &MovedBack { message_id: id.clone() }, MOVE_DELAY).await
    }

    /// Has `settle` enqueue the next messages of an instance's batches after a time.
    pub async fn feed_batches(&self, of: &BatchesOf, wait: Duration) -> Result<(), QueueError> {
        self.send(&of.account_id, of, wait).await
    }

    /// Has `settle` check a message when it expires, if it does so earlier than usual.
    pub async fn check_expiry_of(&self, message: &Message) -> Result<(), QueueError> {
        match ExpiryCheck::of_shorter_than_usual(message) {
            Some(check) => self.check_expiry(&check, clock::now()).await,
            None => Ok(()),
        }
    }

    /// Has `settle` check a message when it expires, or in as long as a queue delays a message at most.
    pub async fn check_expiry(&self, check: &ExpiryCheck, now: Timestamp) -> Result<(), QueueError> {
        self.send(&check.account_id, check, now.until(check.expires_at)).await
    }

    /// Has `settle` check an instance again when the requests that are in progress now have ended.
    pub async fn check_bulk_lane(&self, check: &BulkLaneCheck) -> Result<(), QueueError> {
        self.send(&check.account_id, check, REQUEST_ENDED).await
    }

    /// The message group is the account, whose messages take turns with those of others (SQS developer guide, "Fair queues").
    async fn send(&self, account: &AccountId, body: &impl Serialize, delay: Duration) -> Result<(), QueueError> {
        let request = self.client.send_message().queue_url(&self.url).message_body(message_body(body));
        let request = request.message_group_id(account.as_str()).delay_seconds(delay_seconds(delay));
        request.send().await.map(drop).map_err(QueueError::new)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn jobs_are_told_by_names_that_other_versions_know() {
        let (account, instance, id) = (AccountId::generate(), InstanceId::generate(), MessageId::generate());
        let (moved, scheduled) =
            (MovedBack { message_id: id.clone() }, ScheduledMessages { message_ids: vec![id.clone()] });
        let batches = BatchesOf { account_id: account.clone(), instance_id: instance.clone() };
        assert_eq!(json!(moved), json!({ "movedBack": id }));
        assert_eq!(json!(scheduled), json!({ "scheduled": [id] }));
        assert_eq!(json!(batches), json!({ "accountId": account, "batchesOf": instance }));
        let read = |job: &serde_json::Value| SettleJob::deserialize(job).expect("a job");
        assert!(matches!(read(&json!(moved)), SettleJob::MovedBack(_)));
        assert!(matches!(read(&json!(scheduled)), SettleJob::Scheduled(_)));
        assert!(matches!(read(&json!(batches)), SettleJob::BatchesOf(_)));
    }
}
