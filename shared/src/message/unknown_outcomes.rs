//! The delayed queue of attempts whose outcome is unknown, from `deliver` to `settle`.

use serde::{Deserialize, Serialize};

use crate::aws::Queue;
use crate::clock::{self, Timestamp};
use crate::ids::{AccountId, MessageId};
use crate::message::record::Message;

/// The queue: each message is received after the queue's delay of 15 minutes.
pub type UnknownOutcomeQueue = Queue<UnknownOutcome>;

/// The environment variable with the queue's URL.
pub const UNKNOWN_OUTCOME_QUEUE: &str = "SETTLE_QUEUE_URL";

/// An attempt whose outcome is unknown.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnknownOutcome {
    /// The message.
    pub message_id: MessageId,
    /// Its account.
    pub account_id: AccountId,
    /// The attempt.
    pub attempt: u32,
    /// Since when the outcome is unknown.
    pub since: Timestamp,
}

impl From<&Message> for UnknownOutcome {
    /// The current attempt at a message.
    fn from(message: &Message) -> Self {
        Self {
            message_id: message.id.clone(),
            account_id: message.account_id.clone(),
            attempt: message.attempt,
            since: clock::now(),
        }
    }
}
