//! The two queues from `send` to `deliver`: FIFO, with one message group a conversation.
//!
//! A message waits in its group as long as the one before it. So that it expires at its time all the same, `settle` is
//! told to check it then.
//!
//! SQS searches only the first 120,000 messages of a FIFO queue, so one number's campaign must not be ahead of another's
//! one-time codes: messages that wait for their slots go through a queue of their own.

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry;
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};

use crate::aws::sqs::{delay_seconds, message_body};
use crate::aws::{EnvironmentError, MAX_QUEUE_BATCH, QueueError, QueueReader, environment};
use crate::clock::{self, Timestamp};
use crate::ids::{AccountId, InstanceId, MessageId};
use crate::ledger::reservation::REQUEST_ENDED;
use crate::ledger::{Lane, TABLE_WAIT};
use crate::message::bulk_lane_check::BulkLaneCheck;
use crate::message::expiry_check::ExpiryCheck;
use crate::message::queue_entry::{QueueEntry, request_entries, sequences};
use crate::message::queued_message::QueuedMessage;
use crate::message::record::Message;
use crate::message::unknown_outcomes::UNKNOWN_OUTCOME_QUEUE;

/// The longest visibility timeout, in seconds: twelve hours from the receive (Amazon SQS, ChangeMessageVisibility), less an
/// hour for the time since then.
const MAX_VISIBILITY: u128 = 11 * 3600;
/// After how long `settle` enqueues a message again that was moved back: SQS would drop a second one in the same minute.
const MOVE_DELAY: Duration = Duration::from_secs(60);

/// The express and the bulk queue.
#[derive(Clone, Debug)]
pub struct DeliveryQueues {
    client: Client,
    express: String,
    bulk: String,
    settle: String,
}

/// Messages to enqueue at their `sendAt`.
#[derive(Debug, Deserialize, Serialize)]
pub struct ScheduledMessages {
    /// Their ids. All of one instance.
    pub scheduled: Vec<MessageId>,
}

/// A message that gave up its place in its message group.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MovedBack {
    /// The message.
    pub moved_back: MessageId,
}

/// An instance whose batches have something to do.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchesOf {
    /// The account.
    pub account_id: AccountId,
    /// The instance.
    pub batches_of: InstanceId,
}

impl DeliveryQueues {
    /// The queues that `EXPRESS_QUEUE_URL`, `BULK_QUEUE_URL` and `SETTLE_QUEUE_URL` name.
    pub fn from_environment(client: Client) -> Result<Self, EnvironmentError> {
        let (express, bulk) = (environment::text("EXPRESS_QUEUE_URL")?, environment::text("BULK_QUEUE_URL")?);
        Ok(Self { client, express, bulk, settle: environment::text(UNKNOWN_OUTCOME_QUEUE)? })
    }

    /// Enqueues a message behind its conversation's others, in its lane, and the check of its expiry, if it has one. One that
    /// waits in the table is enqueued by the feeder.
    pub async fn enqueue(&self, message: &Message, round: u32) -> Result<(), QueueError> {
        if let Some(send_at) = message.send_at.filter(|_| message.waits.is_some()) {
            return self.announce_scheduled(&message.account_id, std::slice::from_ref(&message.id), send_at).await;
        }
        let checked = self.check_expiry_of(message);
        let queued = async {
            match &message.waits {
                Some(_) => Ok(()),
                None => self.enqueue_in_lane(message, round).await,
            }
        };
        let (queued, checked) = tokio::join!(queued, checked);
        queued.and(checked)
    }

    /// `round` counts the enqueues of one record. Together with the nonce it is the deduplication id: SQS remembers an id
    /// for five minutes, even after the message was deleted, and would drop a re-enqueue under the message's own id.
    async fn enqueue_in_lane(&self, message: &Message, round: u32) -> Result<(), QueueError> {
        let body = message_body(&QueuedMessage::from(message));
        let request = self.client.send_message().queue_url(self.url(message.lane())).message_body(body);
        let request = request.message_group_id(message.message_group());
        let request = request.message_deduplication_id(format!("{}-{round}", message.nonce));
        request.send().await.map(drop).map_err(QueueError::new)
    }

    /// Has `settle` enqueue messages of one instance at their `sendAt`, if that is soon: else the feeder finds them in time.
    pub async fn announce_scheduled(
        &self,
        account: &AccountId,
        ids: &[MessageId],
        send_at: Timestamp,
    ) -> Result<(), QueueError> {
        let wait = clock::now().until(send_at);
        if wait > TABLE_WAIT {
            return Ok(());
        }
        self.send_to_settle(account, &ScheduledMessages { scheduled: ids.to_vec() }, wait).await
    }

    /// Enqueues messages in a lane, those of a message group in their order.
    pub async fn enqueue_all(&self, lane: Lane, entries: Vec<QueueEntry>) -> Result<(), QueueError> {
        let sequences = sequences(entries).into_iter().map(|batches| async move {
            for batch in batches {
                self.enqueue_batch(lane, &batch).await?;
            }
            Ok(())
        });
        try_join_all(sequences).await.map(drop)
    }

    /// Enqueues at most ten messages of different message groups in a lane: a queue may take a part of them.
    pub async fn enqueue_batch(&self, lane: Lane, entries: &[QueueEntry]) -> Result<(), QueueError> {
        let request = self.client.send_message_batch().queue_url(self.url(lane));
        let request = request.set_entries(Some(request_entries(entries)));
        let failed = request.send().await.map_err(QueueError::new)?.failed;
        match failed.into_iter().next() {
            Some(failed) => Err(QueueError::Unavailable(failed.message.unwrap_or(failed.code))),
            None => Ok(()),
        }
    }

    /// Enqueues a message again that may not be in the queue: once a minute, since the minute is the round.
    pub async fn enqueue_again(&self, message: &Message, now: Timestamp) -> Result<(), QueueError> {
        self.enqueue(message, u32::try_from(now.secs() / 60).unwrap_or(u32::MAX)).await
    }

    /// Has `settle` enqueue a message again behind the others, by the record that is there in a minute.
    pub async fn move_back(&self, account: &AccountId, id: &MessageId) -> Result<(), QueueError> {
        self.send_to_settle(account, &MovedBack { moved_back: id.clone() }, MOVE_DELAY).await
    }

    /// Has `settle` enqueue the next messages of an instance's batches after a time.
    pub async fn feed_batches(&self, of: &BatchesOf, wait: Duration) -> Result<(), QueueError> {
        self.send_to_settle(&of.account_id, of, wait).await
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
        self.send_to_settle(&check.account_id, check, now.until(check.expires_at)).await
    }

    /// Has `settle` check an instance again when the requests that are in progress now have ended.
    pub async fn check_bulk_lane(&self, check: &BulkLaneCheck) -> Result<(), QueueError> {
        self.send_to_settle(&check.account_id, check, REQUEST_ENDED).await
    }

    /// The message group is the account, whose messages take turns with those of others (SQS developer guide, "Fair queues").
    async fn send_to_settle(
        &self,
        account: &AccountId,
        body: &impl Serialize,
        delay: Duration,
    ) -> Result<(), QueueError> {
        let request = self.client.send_message().queue_url(&self.settle).message_body(message_body(body));
        let request = request.message_group_id(account.as_str()).delay_seconds(delay_seconds(delay));
        request.send().await.map(drop).map_err(QueueError::new)
    }

    /// The lane of the queue with this ARN.
    pub fn lane(&self, arn: &str) -> Lane {
        let name = arn.rsplit(':').next().unwrap_or_default();
        if self.bulk.rsplit('/').next() == Some(name) { Lane::Bulk } else { Lane::Express }
    }

    /// Returns received messages to their queue, each to be received again after its wait (whole seconds, rounded up; at
    /// most 11 hours). Those that SQS does not change are received again after the queue's visibility timeout.
    pub async fn change_visibility(&self, lane: Lane, waits: &[(String, Duration)]) -> Result<(), QueueError> {
        for chunk in waits.chunks(MAX_QUEUE_BATCH) {
            let entries = chunk.iter().enumerate().map(|(position, (receipt, wait))| {
                let seconds = wait.as_millis().div_ceil(1000).min(MAX_VISIBILITY);
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(position.to_string())
                    .receipt_handle(receipt)
                    .visibility_timeout(i32::try_from(seconds).unwrap_or(i32::MAX))
                    .build()
                    .expect("id and receipt are set")
            });
            let request = self.client.change_message_visibility_batch().queue_url(self.url(lane));
            request.set_entries(Some(entries.collect())).send().await.map_err(QueueError::new)?;
        }
        Ok(())
    }

    /// Deletes received messages.
    pub async fn delete_batch(&self, lane: Lane, receipts: &[String]) -> Result<(), QueueError> {
        self.reader(lane).delete(receipts).await
    }

    /// Receives a batch, as Lambda does for a function's invocation. Waits until there is a message, or for `wait`.
    pub async fn receive(&self, lane: Lane, wait: Duration) -> Result<Vec<SqsMessage>, QueueError> {
        self.reader(lane).receive(wait).await
    }

    fn reader(&self, lane: Lane) -> QueueReader {
        QueueReader::new(self.client.clone(), self.url(lane).to_owned())
    }

    fn url(&self, lane: Lane) -> &str {
        match lane {
            Lane::Express => &self.express,
            Lane::Bulk => &self.bulk,
        }
    }
}
