//! What an erasure leaves of a message: its id, which no other message may take, and the nonce of its request, by which
//! `settle` knows that the message's credit is accounted for.

use serde::{Deserialize, Serialize};

use crate::aws::{Item, TableError};
use crate::clock::Timestamp;
use crate::ids::MessageId;
use crate::ledger::credits::RESTORABLE;
use crate::message::record::Message;

/// The attribute that only tombstones have.
pub const ERASED: &str = "erased";

/// The tombstone of a message.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tombstone {
    /// The message's id.
    pub id: MessageId,
    /// See [`Message::nonce`].
    pub nonce: String,
    erased: bool,
    expires_at: i64,
}

impl Tombstone {
    /// The tombstone of a message that is erased at `now`. It is kept for longer than a queue, a callback that WhatsApp repeats
    /// or a restored backup can bring the message up again.
    pub fn new(message: &Message, now: Timestamp) -> Self {
        let expires_at = now.plus(RESTORABLE).secs();
        Self { id: message.id.clone(), nonce: message.nonce.clone(), erased: true, expires_at }
    }
}

/// What is under a message's id.
#[derive(Debug)]
pub enum Stored {
    /// The message.
    Message(Box<Message>),
    /// It was erased.
    Erased(Tombstone),
}

impl Stored {
    /// Reads an item.
    pub fn read(item: Item) -> Result<Self, TableError> {
        if item.contains_key(ERASED) {
            return Ok(Self::Erased(serde_dynamo::from_item(item)?));
        }
        Ok(Self::Message(Box::new(Message::from_item(item)?)))
    }

    /// The message's id.
    pub const fn id(&self) -> &MessageId {
        match self {
            Self::Message(message) => &message.id,
            Self::Erased(tombstone) => &tombstone.id,
        }
    }

    /// The nonce of the request that made the message.
    pub fn nonce(&self) -> &str {
        match self {
            Self::Message(message) => &message.nonce,
            Self::Erased(tombstone) => &tombstone.nonce,
        }
    }

    /// The message, unless it was erased.
    pub fn message(self) -> Option<Box<Message>> {
        match self {
            Self::Message(message) => Some(message),
            Self::Erased(_) => None,
        }
    }
}

/// Reads the message of an item, unless it was erased.
pub fn read_message(item: Option<Item>) -> Result<Option<Box<Message>>, TableError> {
    Ok(item.map(Stored::read).transpose()?.and_then(Stored::message))
}
