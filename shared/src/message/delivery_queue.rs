//! The two queues from `send` to `deliver`: FIFO, with one message group a conversation.
//!
//! A message waits in its group as long as the one before it. So that it expires at its time all the same, `settle` is
//! told to check it then ([`SettleQueue`]).
//!
//! SQS searches only the first 120,000 messages of a FIFO queue, so one number's campaign must not be ahead of another's
//! one-time codes: messages that wait for their slots go through a queue of their own.

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry;
use futures::future::try_join_all;

use crate::aws::sqs::message_body;
use crate::aws::{EnvironmentError, MAX_QUEUE_BATCH, QueueError, QueueReader, environment};
use crate::clock::Timestamp;
use crate::ledger::Lane;
use crate::message::queue_entry::{QueueEntry, deduplication_id, request_entries, sequences};
use crate::message::queued_message::QueuedMessage;
use crate::message::record::Message;
use crate::message::settle_queue::SettleQueue;

/// The longest visibility timeout, in seconds: twelve hours from the receive (Amazon SQS, ChangeMessageVisibility), less an
/// hour for the time since then.
const MAX_VISIBILITY: u128 = 11 * 3600;

/// The express and the bulk queue.
#[derive(Clone, Debug)]
pub struct DeliveryQueues {
    client: Client,
    express: String,
    bulk: String,
    /// The queue of `settle`'s jobs.
    pub settle: SettleQueue,
}

impl DeliveryQueues {
    /// The queues that `EXPRESS_QUEUE_URL`, `BULK_QUEUE_URL` and `SETTLE_QUEUE_URL` name.
    pub fn from_environment(client: Client) -> Result<Self, EnvironmentError> {
        let (express, bulk) = (environment::text("EXPRESS_QUEUE_URL")?, environment::text("BULK_QUEUE_URL")?);
        Ok(Self { express, bulk, settle: SettleQueue::from_environment(client.clone())?, client })
    }

    /// Enqueues a message behind its conversation's others, in its lane, and the check of its expiry, if it has one. One that
    /// waits in the table is enqueued by the feeder.
    pub async fn enqueue(&self, message: &Message, round: u32) -> Result<(), QueueError> {
        if let Some(send_at) = message.send_at.filter(|_| message.waits.is_some()) {
            return self
                .settle
                .schedule_messages(&message.account_id, std::slice::from_ref(&message.id), send_at)
                .await;
        }
        let checked = self.settle.check_expiry_of(message);
        let queued = async {
            match &message.waits {
                Some(_) => Ok(()),
                None => self.enqueue_in_lane(message, round).await,
            }
        };
        let (queued, checked) = tokio::join!(queued, checked);
        queued.and(checked)
    }

    async fn enqueue_in_lane(&self, message: &Message, round: u32) -> Result<(), QueueError> {
        let body = message_body(&QueuedMessage::from(message));
        let request = self.client.send_message().queue_url(self.url(message.lane())).message_body(body);
        let request = request.message_group_id(message.message_group());
        let request = request.message_deduplication_id(deduplication_id(&message.nonce, round));
        request.send().await.map(drop).map_err(QueueError::new)
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

    /// Enqueues a message again for a repeat of its request. What it has beside its queue was enqueued by the first request, or will be by
    /// `settle`: a customer may repeat without end, and only the lanes drop what comes twice.
    pub async fn enqueue_repeated(&self, message: &Message, now: Timestamp) -> Result<(), QueueError> {
        match &message.waits {
            Some(_) => Ok(()),
            None => self.enqueue_in_lane(message, round(now)).await,
        }
    }

    /// Enqueues a message again that may not be in the queue: once a minute, since the minute is the round.
    pub async fn enqueue_again(&self, message: &Message, now: Timestamp) -> Result<(), QueueError> {
        self.enqueue(message, round(now)).await
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
/// The round of a message that is enqueued again: it may be in the queue once for each.
fn round(now: Timestamp) -> u32 {
    u32::try_from(now.secs() / 60).unwrap_or(u32::MAX)
}
