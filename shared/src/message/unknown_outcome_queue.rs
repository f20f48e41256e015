//! Attempts whose outcome is unknown, from `deliver` to `settle`.

use serde::{Deserialize, Serialize};

use crate::aws::Queue;
use crate::clock::{self, Timestamp};
use crate::ids::{AccountId, MessageId};
use crate::message::record::Message;

/// `settle`'s queue: each of these is received after the queue's delay, 15 minutes (`SettleQueue` in the template).
pub type UnknownOutcomeQueue = Queue<UnknownOutcome>;

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
