//! The record of a message, which every function works on, from the insert by `send` to the last callback.
//!
//! `send` and `receive` insert records; states change in `transitions` alone.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::alias::Alias;
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId, MessageId};
use crate::json_text::JsonText;
use crate::ledger::{Lane, SendSlots, TABLE_WAIT};
use crate::message::batch_row::BatchRow;
use crate::message::content::{Content, Quoted};
use crate::message::failure::Failure;
use crate::message::pricing::Pricing;
use crate::message::received::Received;
use crate::message::record_keys::{bulk_key, conversation_key, history_key, message_group, reference_key};
use crate::message::state::{MessageEvent, SCHEDULED, State};
use crate::message::waiting_place::{WaitingPlace, due_time};

/// The longest time that a message waits to be sent, and the usual one (contract, expiresIn).
pub const MAX_EXPIRES_IN: Duration = Duration::from_secs(24 * 60 * 60);

/// Characters of a reference (contract).
pub const MAX_REFERENCE: usize = 64;

/// A message as the table holds it.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The table's key.
    pub id: MessageId,
    /// Its account; no other may see that it exists.
    pub account_id: AccountId,
    /// The instance that it leaves from or was received by.
    pub instance_id: InstanceId,
    /// Sent by the customer or received.
    pub direction: Direction,
    /// The other party, by the alias that was used. The attribute's name is from before user ids.
    #[serde(rename = "phone")]
    pub contact: Alias,
    /// The alias that named the other party's conversation when the message was received, if it was another one. The key in
    /// `conversation` is always that of `contact`, so that a record is found by the alias that it has.
    pub contact_chat: Option<Alias>,
    /// Its content.
    pub content: Content,
    /// The message that it replies to.
    pub quoted: Option<Quoted>,
    /// The customer's own JSON object, repeated in every webhook.
    pub metadata: Option<JsonText>,
    /// Key of the sparse index `byReference`, if the customer gave a reference: see [`reference_key`].
    #[serde(rename = "ref")]
    pub reference_key: Option<String>,
    /// Present while it counts as failed: key of the sparse index `byFailed`, see
    /// [`failed_key`](crate::message::failed_index::failed_key). Of earlier versions' failures it is absent.
    #[serde(rename = "failed")]
    pub failed_key: Option<String>,
    /// Its state. Conditions compare the attribute `rank` beside it.
    pub status: State,
    /// [`State::rank`] of `status`.
    pub rank: u8,
    /// The request that made it: distinguishes a retried write from another request's.
    pub nonce: String,
    /// The hash of the request's body, if the request had an Idempotency-Key.
    pub body_hash: Option<String>,
    /// When its number's rate lets it leave.
    pub slot: Timestamp,
    /// Its place in a batch, if it was sent in one.
    #[serde(rename = "batch")]
    pub batch_row: Option<BatchRow>,
    /// When its customer wants it to be sent, if that was in the future.
    pub send_at: Option<Timestamp>,
    /// Whether it is for marketing, of one that waits: it is not sent to somebody who opts out meanwhile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_marketing: bool,
    /// Present while it is in the bulk lane and not sent yet: key of the sparse index `byBulk`, see [`bulk_key`].
    pub bulk: Option<String>,
    /// Present while it waits in the table: partition of the sparse index `byDue`.
    pub waits: Option<String>,
    /// When it is due then, see [`WaitingPlace`].
    pub due: Option<String>,
    /// Attempts started.
    #[serde(default)]
    pub attempt: u32,
    /// The claim of the current attempt.
    pub claim: Option<String>,
    /// When the claim's lease ends.
    pub lease: Option<Timestamp>,
    /// WhatsApp's id of the number of the last attempt; a callback must name the same.
    pub number_id: Option<String>,
    /// WhatsApp's id of the message, `wamid.…`.
    pub provider_id: Option<String>,
    /// Why it failed.
    pub error: Option<Failure>,
    /// Whether its credit was refunded, because it failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refunded: bool,
    /// When it was accepted or received.
    pub created_at: Timestamp,
    /// Until when it may be sent.
    pub deadline: Timestamp,
    /// When WhatsApp accepted it.
    pub sent_at: Option<Timestamp>,
    /// When it was delivered to the phone.
    pub delivered_at: Option<Timestamp>,
    /// When it was opened.
    pub read_at: Option<Timestamp>,
    /// When its recipient first played it, a voice message.
    pub played_at: Option<Timestamp>,
    /// What it costs at WhatsApp.
    pub pricing: Option<Pricing>,
    /// The event of the status that brought the price: it alone contains it, so that its replay has the same bytes.
    pub priced_by: Option<MessageEvent>,
    /// When it failed.
    pub failed_at: Option<Timestamp>,
    /// When it was received.
    pub received_at: Option<Timestamp>,
    /// The profile name of its sender.
    pub contact_name: Option<String>,
    /// What else WhatsApp says of a received message.
    pub received: Option<Box<Received>>,
    /// When the table deletes it: seconds since the epoch (DynamoDB's TTL).
    pub expires_at: i64,
    /// Index key: the conversation.
    #[serde(rename = "chat")]
    pub conversation: String,
    /// Index key: creation time and id, so that pages stay stable while new messages arrive.
    #[serde(rename = "at")]
    pub history_key: String,
    /// Set by a write that publishes an event, which lets it through the stream's filter; other writes remove it.
    #[serde(rename = "ev")]
    pub publishes: Option<MessageEvent>,
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

/// A message before it is accepted.
pub struct Draft {
    /// See [`Message::account_id`].
    pub account_id: AccountId,
    /// See [`Message::instance_id`].
    pub instance_id: InstanceId,
    /// The other party.
    pub to: Alias,
    /// Its content.
    pub content: Content,
    /// The message that it replies to.
    pub quoted: Option<Quoted>,
    /// The customer's JSON object, canonical.
    pub metadata: Option<JsonText>,
    /// The customer's own number of it, such as an order's.
    pub reference: Option<String>,
    /// See [`Message::body_hash`].
    pub body_hash: Option<String>,
    /// See [`Message::slot`].
    pub slot: Timestamp,
    /// The slots of its number, if it goes through the bulk lane.
    pub bulk: Option<SendSlots>,
    /// See [`Message::batch_row`].
    pub batch_row: Option<BatchRow>,
    /// See [`Message::send_at`].
    pub send_at: Option<Timestamp>,
    /// See [`Message::is_marketing`].
    pub is_marketing: bool,
    /// How long it may wait to be sent.
    pub expires_in: Duration,
    /// How long the record is kept.
    pub retention: Duration,
}

impl Message {
    /// Whether it was not attempted yet and waits for nothing but its queue.
    pub fn belongs_into_queue(&self) -> bool {
        self.status == State::Queued && self.attempt == 0 && self.waits.is_none()
    }

    /// The record of a message that is accepted at `now`.
    pub fn queued(draft: Draft, id: MessageId, nonce: String, now: Timestamp) -> Self {
        let (conversation, history_key) =
            (conversation_key(&draft.instance_id, draft.to.as_str()), history_key(now, &id));
        let begin = draft.send_at.unwrap_or(now);
        let deadline = begin.plus(draft.expires_in);
        let waits = draft.bulk.is_some() && draft.slot > now.plus(TABLE_WAIT);
        let place = match draft.send_at {
            // A batch's messages wait for its turn.
            Some(send_at) if draft.batch_row.is_none() => {
                Some(WaitingPlace::scheduled(&conversation, send_at, now, &id))
            }
            _ => waits.then(|| WaitingPlace::new(&conversation, draft.slot.min(deadline), now, &id)),
        };
        let bulk = draft.bulk.map(|slots| bulk_key(&draft.instance_id, slots, &id));
        let reference_key = draft.reference.map(|reference| reference_key(&draft.account_id, &reference));
        Self {
            id,
            account_id: draft.account_id,
            instance_id: draft.instance_id,
            direction: Direction::Outbound,
            contact: draft.to,
            contact_chat: None,
            content: draft.content,
            quoted: draft.quoted,
            metadata: draft.metadata,
            reference_key,
            failed_key: None,
            status: State::Queued,
            rank: State::Queued.rank(),
            nonce,
            body_hash: draft.body_hash,
            slot: draft.slot,
            batch_row: draft.batch_row,
            send_at: draft.send_at,
            is_marketing: draft.is_marketing,
            bulk,
            waits: place.as_ref().map(|place| place.shard.clone()),
            due: place.map(|place| place.due),
            attempt: 0,
            claim: None,
            lease: None,
            number_id: None,
            provider_id: None,
            error: None,
            refunded: false,
            created_at: now,
            deadline,
            sent_at: None,
            delivered_at: None,
            read_at: None,
            played_at: None,
            pricing: None,
            priced_by: None,
            failed_at: None,
            received_at: None,
            contact_name: None,
            received: None,
            expires_at: begin.plus(draft.retention).secs(),
            conversation,
            history_key,
            publishes: None,
        }
    }

    /// The contract's `chatId` of its conversation.
    pub fn chat_id(&self) -> String {
        let (_, own) = self.conversation.split_once('#').unwrap_or_default();
        format!("{CHAT_ID_PREFIX}{}", self.contact_chat.as_ref().map_or(own, Alias::as_str))
    }

    /// Its account, and its id.
    pub const fn owner_and_id(&self) -> (&AccountId, &MessageId) {
        (&self.account_id, &self.id)
    }

    /// The customer's own number of it.
    pub fn reference(&self) -> Option<&str> {
        self.reference_key.as_deref()?.split_once('#').map(|(_, reference)| reference)
    }

    /// WhatsApp's id of the group that it was sent in.
    pub fn group(&self) -> Option<&str> {
        self.received.as_deref()?.group_id.as_deref()
    }

    /// The lane that it goes through.
    pub const fn lane(&self) -> Lane {
        if self.bulk.is_some() || self.batch_row.is_some() { Lane::Bulk } else { Lane::Express }
    }

    /// Its message group: see [`message_group`].
    pub fn message_group(&self) -> String {
        message_group(&self.conversation, &self.nonce)
    }

    /// What orders the messages of a conversation: when it was accepted, or its `sendAt`, and then the order of the history.
    pub fn place_in_line(&self) -> (Timestamp, &str) {
        (self.send_at.unwrap_or(self.created_at), &self.history_key)
    }

    /// The earliest time at which an event can have happened: WhatsApp's times are whole seconds, and those that a customer's own app signs
    /// are anything.
    pub fn earliest_time_of(&self, event: MessageEvent) -> Timestamp {
        let earlier = event.preceded_by().iter().filter_map(|event| self.time_of(*event));
        earlier.fold(self.created_at, Timestamp::max)
    }

    /// When an event happened that is reported for a time: not after what follows it, which may be known already, and not before what
    /// precedes it.
    pub fn time_of_report(&self, event: MessageEvent, at: Timestamp) -> Timestamp {
        let followed_at = event.followed_by().iter().filter_map(|event| self.time_of(*event));
        followed_at.fold(at, Timestamp::min).max(self.earliest_time_of(event))
    }

    /// The contract's `status` at `now`.
    pub fn public_status(&self, now: Timestamp) -> &'static str {
        match self.status {
            State::Queued if self.send_at.is_some_and(|send_at| now < send_at) => SCHEDULED,
            status => status.public_status(),
        }
    }

    /// When it is due, if it waits in the table.
    pub fn waits_until(&self) -> Option<Timestamp> {
        due_time(self.due.as_deref().filter(|_| self.waits.is_some())?)
    }

    /// When an event happened.
    pub const fn time_of(&self, event: MessageEvent) -> Option<Timestamp> {
        match event {
            MessageEvent::Sent => self.sent_at,
            MessageEvent::Delivered => self.delivered_at,
            MessageEvent::Read => self.read_at,
            MessageEvent::Failed => self.failed_at,
            MessageEvent::Received => self.received_at,
        }
    }
}

/// Prefix of a `chatId`.
pub const CHAT_ID_PREFIX: &str = "chat_";
