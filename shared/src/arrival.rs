//! A message that comes in, and the record that it becomes.

use std::time::Duration;

use aws_lc_rs::digest;

use crate::clock::Timestamp;
use crate::content::{Content, Quoted};
use crate::delivery_queue::Lane;
use crate::ids::{AccountId, InstanceId, MessageId};
use crate::message::{Direction, Draft, Message};
use crate::phone_number::PhoneNumber;
use crate::state::{State, Transition};

/// What `receive` knows of a message that came in.
pub struct Arrival {
    /// Whose number it came to.
    pub account_id: AccountId,
    /// The number's instance.
    pub instance_id: InstanceId,
    /// WhatsApp's id of the number.
    pub number_id: String,
    /// WhatsApp's id of the message.
    pub provider_id: String,
    /// Who sent it.
    pub from: PhoneNumber,
    /// See [`Message::contact_name`].
    pub contact_name: Option<String>,
    /// What it says.
    pub content: Content,
    /// WhatsApp's id of the message that it answers.
    pub quoted: Option<String>,
}

impl Arrival {
    fn id(&self) -> MessageId {
        let name = format!("{}\n{}\n{}", self.account_id, self.number_id, self.provider_id);
        let hash = digest::digest(&digest::SHA256, name.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.as_ref()[..16]);
        MessageId::from_bytes(bytes)
    }
}

impl Message {
    /// The record of a message that came in at `at`. WhatsApp repeats callbacks, so its id is made of WhatsApp's: the same
    /// message is the same record.
    pub fn received(arrival: Arrival, nonce: String, at: Timestamp, retention: Duration) -> Self {
        let id = arrival.id();
        let draft = Draft {
            account_id: arrival.account_id,
            instance_id: arrival.instance_id,
            to: arrival.from,
            content: arrival.content,
            quoted: arrival.quoted.map(Quoted::Provider),
            metadata: None,
            body_hash: None,
            slot: at,
            lane: Lane::Express,
            expires_in: Duration::ZERO,
            retention,
        };
        Self {
            direction: Direction::Inbound,
            status: State::Delivered,
            rank: State::Delivered.rank(),
            provider_id: Some(arrival.provider_id),
            contact_name: arrival.contact_name,
            received_at: Some(at),
            ev: Some(Transition::Received),
            ..Self::queued(draft, id, nonce, at)
        }
    }
}
