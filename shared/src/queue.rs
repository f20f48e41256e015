//! The queues between the functions, and what lies in them.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::environment::{self, EnvironmentError};
use crate::ids::{AccountId, InstanceId, MessageId};
use crate::message::Message;

/// A queue that did not answer. Whether it took the message is not known.
#[derive(Debug, thiserror::Error)]
#[error("SQS: {0}")]
pub struct QueueError(String);

impl QueueError {
    fn of(error: impl std::error::Error) -> Self {
        Self(DisplayErrorContext(error).to_string())
    }
}

/// From `send` to `deliver`: FIFO, one group a conversation.
#[derive(Clone, Debug)]
pub struct DeliveryQueue {
    client: Client,
    url: String,
}

/// What lies in the delivery queue. The record says everything else.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The message to send.
    pub message_id: MessageId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The instance that it leaves from, so that the number is known before the record is claimed.
    pub instance_id: InstanceId,
}

impl DeliveryQueue {
    /// The queue that `DELIVERY_QUEUE_URL` names.
    pub fn from_environment(client: Client) -> Result<Self, EnvironmentError> {
        Ok(Self { client, url: environment::text("DELIVERY_QUEUE_URL")? })
    }

    /// Puts a message last in its conversation.
    ///
    /// `round` counts the enqueues of one record. With the nonce it is the deduplication id: SQS remembers an id for
    /// five minutes, also after the message was deleted, and would swallow a re-enqueue under the message's own id.
    pub async fn enqueue(&self, message: &Message, round: u32) -> Result<(), QueueError> {
        let Message { id, account_id, instance_id, .. } = message.clone();
        let body = json(&Delivery { message_id: id, account_id, instance_id });
        let request = self.client.send_message().queue_url(&self.url).message_body(body);
        let request = request.message_group_id(&message.chat);
        let request = request.message_deduplication_id(format!("{}-{round}", message.nonce));
        request.send().await.map(drop).map_err(QueueError::of)
    }

    /// Puts a message in again that may not be there: in a round that SQS has not seen, a minute's.
    pub async fn enqueue_again(&self, message: &Message, now: Timestamp) -> Result<(), QueueError> {
        self.enqueue(message, u32::try_from(now.secs() / 60).unwrap_or(u32::MAX)).await
    }

    /// Gives a received message back, to be received again after `wait` (whole seconds, rounded up; at most 12 hours).
    pub async fn give_back(&self, receipt: &str, wait: Duration) -> Result<(), QueueError> {
        let seconds = wait.as_millis().div_ceil(1000).min(43_200);
        let request = self.client.change_message_visibility().queue_url(&self.url).receipt_handle(receipt);
        let request = request.visibility_timeout(i32::try_from(seconds).unwrap_or(43_200));
        request.send().await.map(drop).map_err(QueueError::of)
    }
}

/// From `deliver` to `settle`: each message waits for the queue's delay, 15 minutes, before it is seen.
#[derive(Clone, Debug)]
pub struct SettleQueue {
    client: Client,
    url: String,
}

/// An attempt whose outcome is not known.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unsettled {
    /// The message.
    pub message_id: MessageId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The attempt at it.
    pub attempt: u32,
}

impl Unsettled {
    /// The current attempt at a message.
    pub fn attempt_at(message: &Message) -> Self {
        Self { message_id: message.id.clone(), account_id: message.account_id.clone(), attempt: message.attempt }
    }
}

impl SettleQueue {
    /// The queue that `SETTLE_QUEUE_URL` names.
    pub fn from_environment(client: Client) -> Result<Self, EnvironmentError> {
        Ok(Self { client, url: environment::text("SETTLE_QUEUE_URL")? })
    }

    /// Has an attempt looked at again after the queue's delay.
    pub async fn enqueue(&self, unsettled: &Unsettled) -> Result<(), QueueError> {
        let request = self.client.send_message().queue_url(&self.url).message_body(json(unsettled));
        request.send().await.map(drop).map_err(QueueError::of)
    }
}

fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("our own queue messages serialize")
}
