//! The queue of deliveries that wait for an attempt, of replays in progress, and of redactions of delivery logs.

use std::time::Duration;

use crate::aws::sqs::message_body;
use crate::aws::{EnvironmentError, QueueError, environment};
use crate::clock;
use crate::ids::MessageId;
use crate::webhook::delivery::WebhookDelivery;
use crate::webhook::replay::ReplayStep;
use aws_sdk_sqs::Client;
use serde::{Deserialize, Serialize};

/// The longest delay of a message (Amazon SQS, SendMessage).
pub const MAX_DELAY: Duration = Duration::from_secs(900);

/// A message in the queue.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum WebhookJob {
    /// A delivery that is to be attempted.
    Delivery(WebhookDelivery),
    /// The next step of a replay.
    Replay(ReplayStep),
    /// A message that was erased.
    Redaction(LogRedaction),
}

/// A message that was erased, and of which attempts in progress at that time may have written to the delivery logs.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogRedaction {
    /// The message.
    pub erased_message: MessageId,
}

/// The queue.
#[derive(Clone, Debug)]
pub struct WebhookQueue {
    client: Client,
    url: String,
}

impl WebhookQueue {
    /// The queue that `WEBHOOK_QUEUE_URL` names.
    pub fn from_environment(client: Client) -> Result<Self, EnvironmentError> {
        Ok(Self { client, url: environment::text("WEBHOOK_QUEUE_URL")? })
    }

    /// Enqueues a delivery, to be received when it is due or, if that is further than SQS's longest delay, to be enqueued
    /// again. The message group makes the queue fair: a webhook with many events does not delay another's.
    pub async fn enqueue(&self, delivery: &WebhookDelivery) -> Result<(), QueueError> {
        let delay = clock::now().until(delivery.due).min(MAX_DELAY);
        self.send(message_body(delivery), delivery.webhook_id.as_str(), delay).await
    }

    /// Enqueues the next step of a replay.
    pub async fn enqueue_replay(&self, step: &ReplayStep) -> Result<(), QueueError> {
        self.send(message_body(step), step.webhook_id.as_str(), Duration::ZERO).await
    }

    /// Enqueues the redaction of the logs, for when all attempts in progress have ended.
    pub async fn enqueue_redaction(&self, redaction: &LogRedaction) -> Result<(), QueueError> {
        self.send(message_body(redaction), redaction.erased_message.as_str(), MAX_DELAY).await
    }

    async fn send(&self, body: String, group: &str, delay: Duration) -> Result<(), QueueError> {
        let seconds = i32::try_from(delay.as_millis().div_ceil(1000)).unwrap_or(900);
        let request = self.client.send_message().queue_url(&self.url).message_body(body);
        let request = request.message_group_id(group).delay_seconds(seconds);
        request.send().await.map(drop).map_err(QueueError::new)
    }
}
