//! The queue of events that wait for an attempt, and of replays that are under way.

use std::time::Duration;

use crate::clock::{self, Timestamp};
use crate::environment::{self, EnvironmentError};
use crate::event::Event;
use crate::ids::{AccountId, WebhookId};
use crate::queue::{QueueError, json};
use crate::webhook::Webhook;
use crate::webhook_replay::ReplayStep;
use aws_sdk_sqs::Client;
use serde::{Deserialize, Serialize};

/// The longest that SQS holds a message back.
pub const MAX_DELAY: Duration = Duration::from_secs(900);

/// An event that a webhook has not taken yet.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Retry {
    /// Whose webhook.
    pub account_id: AccountId,
    /// Which webhook.
    pub webhook_id: WebhookId,
    /// The event's id.
    pub id: String,
    /// The event's name.
    pub event: String,
    /// The id of what it happened to.
    pub subject: String,
    /// The event's body.
    pub body: String,
    /// Attempts made.
    pub attempts: u32,
    /// When the next one is due.
    pub due: Timestamp,
    /// When it was first to be told: its schedule ends by that.
    pub first: Timestamp,
    /// Whether the webhook is the operator's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub operator: bool,
}

/// What lies in the queue.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Work {
    /// An event that is to be told.
    Retry(Retry),
    /// A replay that goes on.
    Replay(ReplayStep),
}

impl Retry {
    /// An event that a webhook has not been told of yet.
    pub fn first(event: &Event, webhook: &Webhook, now: Timestamp) -> Self {
        Self {
            account_id: webhook.account_id.clone(),
            webhook_id: webhook.id.clone(),
            id: event.id(&webhook.id),
            event: event.name.to_owned(),
            subject: event.subject.clone(),
            body: event.body.clone(),
            attempts: 0,
            due: now,
            first: now,
            operator: webhook.instance_id.is_none(),
        }
    }
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

    /// Puts an event in, to be seen when it is due or, if that is far, to be put in again. The group makes the queue
    /// fair: a webhook with many events does not delay another's.
    pub async fn enqueue(&self, retry: &Retry) -> Result<(), QueueError> {
        let left = clock::now().until(retry.due).min(MAX_DELAY);
        self.send(json(retry), &retry.webhook_id, left).await
    }

    /// Has a replay go on.
    pub async fn enqueue_replay(&self, step: &ReplayStep) -> Result<(), QueueError> {
        self.send(json(step), &step.webhook_id, Duration::ZERO).await
    }

    async fn send(&self, body: String, group: &WebhookId, delay: Duration) -> Result<(), QueueError> {
        let seconds = i32::try_from(delay.as_millis().div_ceil(1000)).unwrap_or(900);
        let request = self.client.send_message().queue_url(&self.url).message_body(body);
        let request = request.message_group_id(group.as_str()).delay_seconds(seconds);
        request.send().await.map(drop).map_err(QueueError::of)
    }
}
