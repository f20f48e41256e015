//! What is in the delivery queues.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId, MessageId};
use crate::message::record::Message;
use crate::message::waiting::WaitingMessage;

/// A message in a delivery queue: what decides whether it may leave now. The record holds everything else.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueuedMessage {
    /// The message to send.
    pub message_id: MessageId,
    /// Its account.
    pub account_id: AccountId,
    /// The instance that it leaves from, so that the number is known before the record is claimed.
    pub instance_id: InstanceId,
    /// When its number's rate lets it leave.
    pub slot: Timestamp,
    /// Until when it may be sent.
    pub deadline: Timestamp,
    /// The request that enqueued it. `send` enqueues while it inserts the record: when another request with the same Idempotency-Key was
    /// faster, this message is none of that one's record. Absent in those of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}

impl From<&Message> for QueuedMessage {
    fn from(message: &Message) -> Self {
        Self {
            message_id: message.id.clone(),
            account_id: message.account_id.clone(),
            instance_id: message.instance_id.clone(),
            slot: message.slot,
            deadline: message.deadline,
            nonce: Some(message.nonce.clone()),
        }
    }
}

impl From<&WaitingMessage> for QueuedMessage {
    fn from(message: &WaitingMessage) -> Self {
        let WaitingMessage { id, account_id, instance_id, slot, deadline, nonce, .. } = message.clone();
        Self { message_id: id, account_id, instance_id, slot, deadline, nonce: Some(nonce) }
    }
}
