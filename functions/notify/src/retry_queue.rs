//! The queue of events that wait for another attempt.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use serde::{Deserialize, Serialize};
use shared::clock::{self, Timestamp};
use shared::environment::{self, EnvironmentError};
use shared::ids::{AccountId, WebhookId};

/// The longest that SQS holds a message back.
const MAX_DELAY: Duration = Duration::from_secs(900);

/// An event that a webhook has not taken yet.
#[derive(Debug, Deserialize, Serialize)]
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
    /// The event's body.
    pub body: String,
    /// Attempts made.
    pub attempts: u32,
    /// When the next one is due.
    pub due: Timestamp,
}

/// A queue that did not answer.
#[derive(Debug, thiserror::Error)]
#[error("SQS: {0}")]
pub struct QueueError(String);

/// The retry queue, and the queue of events that no attempt got through.
pub struct RetryQueue {
    client: Client,
    url: String,
    dead_letters_url: String,
    unreadable_url: String,
}

impl RetryQueue {
    /// The queues that the environment names.
    pub fn from_environment(client: Client) -> Result<Self, EnvironmentError> {
        Ok(Self {
            client,
            url: environment::text("WEBHOOK_QUEUE_URL")?,
            dead_letters_url: environment::text("WEBHOOK_DEAD_LETTERS_URL")?,
            unreadable_url: environment::text("UNREADABLE_RECORDS_URL")?,
        })
    }

    /// Puts an event in, to be seen when it is due or, if that is far, to be put in again. The group makes the queue
    /// fair: a webhook with many events does not delay another's.
    pub async fn enqueue(&self, retry: &Retry) -> Result<(), QueueError> {
        let left = clock::now().until(retry.due).min(MAX_DELAY);
        let seconds = i32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(900);
        let request = self.client.send_message().queue_url(&self.url).message_body(json(retry));
        let request = request.message_group_id(retry.webhook_id.as_str()).delay_seconds(seconds);
        request.send().await.map(drop).map_err(failed)
    }

    /// Keeps an event that no attempt got through.
    pub async fn bury(&self, retry: &Retry) -> Result<(), QueueError> {
        let request = self.client.send_message().queue_url(&self.dead_letters_url).message_body(json(retry));
        request.send().await.map(drop).map_err(failed)
    }

    /// Puts aside a stream record that can't be read, with what names it.
    pub async fn put_aside(&self, record: &impl Serialize) -> Result<(), QueueError> {
        let request = self.client.send_message().queue_url(&self.unreadable_url).message_body(json(record));
        request.send().await.map(drop).map_err(failed)
    }
}

fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("our own queue messages serialize")
}

fn failed(error: impl std::error::Error) -> QueueError {
    QueueError(DisplayErrorContext(error).to_string())
}
