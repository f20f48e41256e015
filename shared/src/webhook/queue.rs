//! The queue of what `notify` does apart from the streams: deliveries that wait for an attempt, events for many webhooks,
//! replays in progress, redactions of delivery logs. It is fair by account (docs/adr/0028).

use std::time::Duration;

use crate::aws::sqs::{delay_seconds, message_body};
use crate::aws::{EnvironmentError, ItemKey, QueueError, environment};
use crate::clock;
use crate::event::Event;
use crate::ids::{MessageId, WebhookId};
use crate::webhook::delivery::WebhookDelivery;
use crate::webhook::replay::ReplayStep;
use crate::webhook::waiting::DueDeliveries;
use aws_sdk_sqs::Client;
use serde::{Deserialize, Serialize};

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
    /// An event for many webhooks, to be enqueued for each.
    FanOut(FanOut),
    /// Deliveries that waited elsewhere, to be moved here.
    Due(DueDeliveries),
}

/// A message that was erased, and of which attempts in progress at that time may have written to the delivery logs.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogRedaction {
    /// The message.
    pub erased_message: MessageId,
    /// The row of a log behind which it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ItemKey>,
}

/// An event for many webhooks.
#[derive(Debug, Deserialize, Serialize)]
pub struct FanOut<E = Event> {
    /// The event.
    pub event: E,
    /// The last webhook for which it was enqueued, in the order of their ids.
    pub after: Option<WebhookId>,
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
    /// again.
    pub async fn enqueue(&self, delivery: &WebhookDelivery) -> Result<(), QueueError> {
        let delay = clock::now().until(delivery.due);
        self.send(message_body(delivery), delivery.account_id.as_str(), delay).await
    }

    /// Enqueues a step of a replay, to be received after a delay.
    pub async fn enqueue_replay(&self, step: &ReplayStep, delay: Duration) -> Result<(), QueueError> {
        self.send(message_body(step), step.account_id.as_str(), delay).await
    }

    /// Enqueues an event, to be enqueued from there for each webhook behind `after` that subscribes to it.
    pub async fn enqueue_event(&self, event: &Event, after: Option<WebhookId>) -> Result<(), QueueError> {
        self.send(message_body(&FanOut { event, after }), event.account_id.as_str(), Duration::ZERO).await
    }

    /// Enqueues that deliveries are due, to be moved here after a delay.
    pub async fn enqueue_due(&self, due: &DueDeliveries, delay: Duration) -> Result<(), QueueError> {
        self.send(message_body(due), &due.waits, delay).await
    }

    /// Enqueues a redaction of the logs, to be received after a delay.
    pub async fn enqueue_redaction(&self, redaction: &LogRedaction, delay: Duration) -> Result<(), QueueError> {
        self.send(message_body(redaction), redaction.erased_message.as_str(), delay).await
    }

    /// The message group is the account: of an account with many messages in progress, SQS delivers the next ones after
    /// everybody else's.
    async fn send(&self, body: String, account: &str, delay: Duration) -> Result<(), QueueError> {
        let request = self.client.send_message().queue_url(&self.url).message_body(body);
        let request = request.message_group_id(account).delay_seconds(delay_seconds(delay));
        request.send().await.map(drop).map_err(QueueError::new)
    }
}
