//! Where what can't be told ends: events that no attempt got through, and stream records that can't be read.

use aws_sdk_sqs::Client;
use serde::Serialize;
use shared::environment::{self, EnvironmentError};
use shared::queue::{QueueError, json};
use shared::webhook_queue::Retry;

/// The two queues.
pub struct DeadLetters {
    client: Client,
    events_url: String,
    records_url: String,
}

impl DeadLetters {
    /// The queues that the environment names.
    pub fn from_environment(client: Client) -> Result<Self, EnvironmentError> {
        let events_url = environment::text("WEBHOOK_DEAD_LETTERS_URL")?;
        Ok(Self { client, events_url, records_url: environment::text("UNREADABLE_RECORDS_URL")? })
    }

    /// Keeps an event that no attempt got through.
    pub async fn bury(&self, retry: &Retry) -> Result<(), QueueError> {
        self.send(&self.events_url, json(retry)).await
    }

    /// Puts aside a stream record that can't be read, with what names it.
    pub async fn put_aside(&self, record: &impl Serialize) -> Result<(), QueueError> {
        self.send(&self.records_url, json(record)).await
    }

    async fn send(&self, url: &str, body: String) -> Result<(), QueueError> {
        let request = self.client.send_message().queue_url(url).message_body(body);
        request.send().await.map(drop).map_err(QueueError::of)
    }
}
