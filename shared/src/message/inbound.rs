//! The records of inbound messages.

use aws_lc_rs::digest;

use crate::clock::Timestamp;
use crate::ids::{AccountId, MessageId};
use crate::message::record::{Direction, Draft, Message};
use crate::message::state::{MessageEvent, State};

/// The id of an inbound message. WhatsApp repeats callbacks, so it is derived from WhatsApp's ids: the same message is the
/// same record.
pub fn inbound_id(account: &AccountId, number_id: &str, provider_id: &str) -> MessageId {
    let name = format!("{account}\n{number_id}\n{provider_id}");
    let hash = digest::digest(&digest::SHA256, name.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    MessageId::from_bytes(bytes)
}

impl Message {
    /// The record of a message that was received at `at`, whose sender is the draft's other party.
    pub fn received(draft: Draft, id: MessageId, nonce: String, provider_id: String, at: Timestamp) -> Self {
        Self {
            direction: Direction::Inbound,
            status: State::Delivered,
            rank: State::Delivered.rank(),
            provider_id: Some(provider_id),
            received_at: Some(at),
            publishes: Some(MessageEvent::Received),
            ..Self::queued(draft, id, nonce, at)
        }
    }
}
