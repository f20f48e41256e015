//! An event that waits for its listener's next poll. Of a message it holds the id alone: the poll reads the record, so an erased
//! message is nowhere here.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::event::Event;
use crate::ids::{self, ListenerId, MessageId};
use crate::message::record_keys::key_of_time;

/// How long it is kept: longer than any poll may be away.
const KEPT: Duration = Duration::from_secs(10 * 60);

/// The item.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptEvent {
    /// The cursor: when it was written, and what no other has.
    pub place: String,
    /// The event's id.
    pub id: String,
    /// The id of the message or instance that it is about, or of the item of the outbox. The attribute `subject` would be a key of
    /// the index of delivery logs.
    #[serde(rename = "about")]
    pub subject: String,
    /// Its body, if no record has it: it is about an instance.
    pub body: Option<String>,
    /// How many events after it were left out, since there were too many at once.
    #[serde(default)]
    pub skipped: usize,
    /// When the table deletes it: seconds since the epoch (DynamoDB's TTL).
    pub forget_at: i64,
}

impl KeptEvent {
    /// An event for a listener, at a time and, of several at this time, at a position.
    pub fn new(event: &Event, listener: &ListenerId, (now, position): (Timestamp, usize), skipped: usize) -> Self {
        let is_stored = event.subject.parse::<MessageId>().is_ok() || event.subject.contains('.');
        Self {
            place: format!("{}{position:02}{}", beginning(now), bs58::encode(ids::random::<8>()).into_string()),
            id: event.id(listener),
            subject: event.subject.clone(),
            body: (!is_stored).then(|| event.body.clone()),
            skipped,
            forget_at: now.plus(KEPT).secs(),
        }
    }
}

/// What the places of events at a time begin with.
pub(super) fn beginning(at: Timestamp) -> String {
    format!("{}.", key_of_time(at))
}

/// Whether a text may be a place.
pub fn is_place(text: &str) -> bool {
    text.split_once('.').is_some_and(|(time, rest)| {
        time.len() == 13
            && time.bytes().all(|byte| byte.is_ascii_digit())
            && (1..=16).contains(&rest.len())
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}
