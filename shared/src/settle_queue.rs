//! The delayed queue of attempts whose outcome is not known.

use aws_sdk_sqs::Client;
use serde::{Deserialize, Serialize};

use crate::clock::{self, Timestamp};
use crate::environment::{self, EnvironmentError};
use crate::ids::{AccountId, MessageId};
use crate::message::Message;
use crate::queue::{QueueError, json};

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
    /// Since when its outcome is not known.
    pub since: Timestamp,
}

impl Unsettled {
    /// The current attempt at a message.
    pub fn attempt_at(message: &Message) -> Self {
        Self {
            message_id: message.id.clone(),
            account_id: message.account_id.clone(),
            attempt: message.attempt,
            since: clock::now(),
        }
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
