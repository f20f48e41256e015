//! The record of a message: what every function works on, from `send`'s insert to the last callback.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::content::{Content, Quoted};
use crate::delivery_queue::Lane;
use crate::failure::Failure;
use crate::ids::{AccountId, InstanceId, MessageId};
use crate::phone_number::PhoneNumber;
use crate::state::{State, Transition};

/// A message as the table holds it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The table's key.
    pub id: MessageId,
    /// Whose it is; nobody else may see that it exists.
    pub account_id: AccountId,
    /// The number that it leaves from or came to.
    pub instance_id: InstanceId,
    /// Sent by the customer or received.
    pub direction: Direction,
    /// The other party.
    pub phone: PhoneNumber,
    /// What it says.
    pub content: Content,
    /// The message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted: Option<Quoted>,
    /// The customer's own JSON, as the text that every webhook repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    /// Where it stands. The attribute `rank` beside it is what conditions compare.
    pub status: State,
    /// [`State::rank`] of `status`.
    pub rank: u8,
    /// The request that made it, so that a repeated write is known from a stranger's.
    pub nonce: String,
    /// The hash of the request's body, when it came with an Idempotency-Key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_hash: Option<String>,
    /// When its number's rate lets it go.
    pub slot: Timestamp,
    /// Its instance, while it is in the bulk lane and not sent yet: the key of a sparse index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bulk: Option<InstanceId>,
    /// Attempts begun.
    #[serde(default)]
    pub attempt: u32,
    /// The claim under which the current attempt runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// Until when the claim holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Timestamp>,
    /// WhatsApp's id of the number that the last attempt left from: a callback must name the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_id: Option<String>,
    /// WhatsApp's id of the message, `wamid.…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// Whether its credit has been given back: it ended failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refunded: bool,
    /// When it was accepted or received.
    pub created_at: Timestamp,
    /// Until when it may be sent.
    pub deadline: Timestamp,
    /// When WhatsApp took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// When it reached the phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    /// When it was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// When it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<Timestamp>,
    /// When it came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
    /// What the one who sent it calls himself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_name: Option<String>,
    /// When the table may forget it: seconds, as DynamoDB's TTL counts.
    pub expires_at: i64,
    /// Index key: the conversation.
    pub chat: String,
    /// Index key: creation time and id, so that pages stay stable while new messages arrive.
    pub at: String,
    /// Set by a write that has something to tell, which lets it through the stream's filter; silent writes remove it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ev: Option<Transition>,
}

/// Who wrote the message.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// The customer, through the API.
    Outbound,
    /// The other party.
    Inbound,
}

/// What `send` knows of a message before it is accepted.
pub struct Draft {
    /// See [`Message::account_id`].
    pub account_id: AccountId,
    /// See [`Message::instance_id`].
    pub instance_id: InstanceId,
    /// The recipient.
    pub to: PhoneNumber,
    /// What it says.
    pub content: Content,
    /// What it answers.
    pub quoted: Option<Quoted>,
    /// The customer's JSON, canonical.
    pub metadata: Option<String>,
    /// See [`Message::body_hash`].
    pub body_hash: Option<String>,
    /// See [`Message::slot`].
    pub slot: Timestamp,
    /// The queue that it goes through.
    pub lane: Lane,
    /// How long it may wait to be sent.
    pub expires_in: Duration,
    /// How long the record is kept.
    pub retention: Duration,
}

impl Message {
    /// The record of a message that is accepted now.
    pub fn queued(draft: Draft, id: MessageId, nonce: String, now: Timestamp) -> Self {
        let (chat, at) = (chat_key(&draft.instance_id, &draft.to), history_key(now, &id));
        let bulk = (draft.lane == Lane::Bulk).then(|| draft.instance_id.clone());
        Self {
            id,
            account_id: draft.account_id,
            instance_id: draft.instance_id,
            direction: Direction::Outbound,
            phone: draft.to,
            content: draft.content,
            quoted: draft.quoted,
            metadata: draft.metadata,
            status: State::Queued,
            rank: State::Queued.rank(),
            nonce,
            body_hash: draft.body_hash,
            slot: draft.slot,
            bulk,
            attempt: 0,
            claim: None,
            lease: None,
            number_id: None,
            provider_id: None,
            error: None,
            refunded: false,
            created_at: now,
            deadline: now.plus(draft.expires_in),
            sent_at: None,
            delivered_at: None,
            read_at: None,
            failed_at: None,
            received_at: None,
            contact_name: None,
            expires_at: now.plus(draft.retention).secs(),
            chat,
            at,
            ev: None,
        }
    }

    /// The queue that it goes through.
    pub const fn lane(&self) -> Lane {
        if self.bulk.is_some() { Lane::Bulk } else { Lane::Express }
    }

    /// When a transition happened.
    pub const fn time_of(&self, transition: Transition) -> Option<Timestamp> {
        match transition {
            Transition::Sent => self.sent_at,
            Transition::Delivered => self.delivered_at,
            Transition::Read => self.read_at,
            Transition::Failed => self.failed_at,
            Transition::Received => self.received_at,
        }
    }

    /// The metadata as JSON that is written out as it stands.
    pub fn metadata_json(&self) -> Option<Box<RawValue>> {
        self.metadata.clone().and_then(|text| RawValue::from_string(text).ok())
    }
}

/// What the id of a chat begins with.
pub const CHAT_ID: &str = "chat_";

/// The id of a chat, as customers see it: the other party's number, so that a chat needs no record of its own.
pub fn chat_id(phone: &PhoneNumber) -> String {
    format!("{CHAT_ID}{phone}")
}

/// The key of a conversation: an instance and the other party. It is the queue's message group as well.
pub fn chat_key(instance: &InstanceId, phone: &PhoneNumber) -> String {
    format!("{instance}#{phone}")
}

/// The key that sorts a history: thirteen digits of milliseconds (until the year 2286), then the id.
pub fn history_key(at: Timestamp, id: &MessageId) -> String {
    format!("{:013}#{id}", at.millis())
}
