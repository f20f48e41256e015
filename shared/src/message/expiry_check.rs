//! The check of a message at its `expiresIn`. `deliver` cannot see a message that its queue keeps behind another one of its
//! conversation, so `settle` expires it.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{AccountId, MessageId};
use crate::message::record::{MAX_EXPIRES_IN, Message};

/// A message that expires.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpiryCheck {
    /// The message.
    pub message_id: MessageId,
    /// Its account.
    pub account_id: AccountId,
    /// Until when it may be sent.
    pub expires_at: Timestamp,
}

impl ExpiryCheck {
    /// The check of a message, unless it may wait as long as any: all that are before it expire no later, so that `deliver`
    /// receives it in time.
    pub fn of_shorter_than_usual(message: &Message) -> Option<Self> {
        let Message { id, account_id, deadline, .. } = message;
        let begin = message.send_at.unwrap_or(message.created_at);
        let is_shorter = *deadline < begin.plus(MAX_EXPIRES_IN);
        is_shorter.then(|| Self { message_id: id.clone(), account_id: account_id.clone(), expires_at: *deadline })
    }
}
