//! An event as webhooks get it: named as in the contract, in bytes that `JSON.stringify(JSON.parse(body))` leaves unchanged.

use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId};
use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::Display;

/// Something that happened to a message or to an instance.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Its account.
    pub account_id: AccountId,
    /// The instance that it is about, or that its message belongs to.
    pub instance_id: InstanceId,
    /// Its name in the contract.
    pub name: Cow<'static, str>,
    /// The body. Its time is the event's, so that every attempt sends the same bytes.
    pub body: String,
    /// The id of the message, instance or webhook that it is about.
    pub subject: String,
    /// When it happened.
    pub at: Timestamp,
    /// When the message that it is about was accepted or received. None for other events, and those of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct Body<D> {
    event: &'static str,
    timestamp: String,
    data: D,
}

impl Event {
    /// An event that happened to `subject` at `at`, with its data.
    pub fn new(
        owner: (&AccountId, &InstanceId),
        name: &'static str,
        subject: &str,
        at: Timestamp,
        data: impl Serialize,
    ) -> Self {
        let body = Body { event: name, timestamp: at.to_string(), data };
        let body = serde_json::to_string(&body).expect("an event serializes");
        let (account_id, instance_id) = (owner.0.clone(), owner.1.clone());
        Self { account_id, instance_id, name: name.into(), body, subject: subject.to_owned(), at, message_at: None }
    }

    /// The event of a message that was accepted or received at `message_at`.
    #[must_use]
    pub fn of_message_at(self, message_at: Timestamp) -> Self {
        Self { message_at: Some(message_at), ..self }
    }

    /// The event's id for a webhook or listener, the same on every attempt: derived from subject, name, time and receiver. The time is
    /// part of it, since an instance connects many times, and a message that failed as `unknown_outcome` and was recovered
    /// may fail again.
    pub fn id(&self, receiver: &impl Display) -> String {
        let name = format!("{}/{}/{}/{receiver}", self.subject, self.name, self.at.millis());
        let hash = digest::digest(&digest::SHA256, name.as_bytes());
        format!("evt_{}", bs58::encode(&hash.as_ref()[..16]).into_string())
    }
}
