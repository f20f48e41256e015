//! An event as webhooks get it: named as in the contract, in bytes that `JSON.stringify(JSON.parse(body))` leaves unchanged.

use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId, WebhookId};
use aws_lc_rs::digest;
use serde::Serialize;

/// Something that happened to a message or to an instance.
#[derive(Debug)]
pub struct Event {
    /// Its account.
    pub account_id: AccountId,
    /// The instance that it is about, or that its message belongs to.
    pub instance_id: InstanceId,
    /// Its name in the contract.
    pub name: &'static str,
    /// The body. Its time is the event's, so that every attempt sends the same bytes.
    pub body: String,
    /// The id of the message, instance or webhook that it is about.
    pub subject: String,
    at: Timestamp,
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
        Self { account_id: owner.0.clone(), instance_id: owner.1.clone(), name, body, subject: subject.to_owned(), at }
    }

    /// The event's id for a webhook, the same on every attempt: derived from subject, name, time and webhook. The time is
    /// part of it, since an instance connects many times, and a message that failed as `unknown_outcome` and was recovered
    /// may fail again.
    pub fn id(&self, webhook: &WebhookId) -> String {
        let name = format!("{}/{}/{}/{webhook}", self.subject, self.name, self.at.millis());
        let hash = digest::digest(&digest::SHA256, name.as_bytes());
        format!("evt_{}", bs58::encode(&hash.as_ref()[..16]).into_string())
    }
}
