//! An event: what a webhook is told, in the contract's words and in bytes that survive `JSON.parse`.

use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId, WebhookId};
use aws_lc_rs::digest;
use serde::Serialize;

/// Something that happened to a message or to an instance.
#[derive(Debug)]
pub struct Event {
    /// Whose it is.
    pub account_id: AccountId,
    /// The instance, or the message's.
    pub instance_id: InstanceId,
    /// The contract's name of it.
    pub name: &'static str,
    /// The body. Its time is that of the event, so that it is the same bytes each time.
    pub body: String,
    /// The id of what it happened to.
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
    /// An event that happened to `subject` at `at`, and what is told of it.
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

    /// The id under which a webhook is told, however often: the same subject, event and webhook give the same. Its time is
    /// part of it, since an instance is connected many times, and a message that failed as `unknown_outcome` and came
    /// back may fail once more.
    pub fn id(&self, webhook: &WebhookId) -> String {
        let name = format!("{}/{}/{}/{webhook}", self.subject, self.name, self.at.millis());
        let hash = digest::digest(&digest::SHA256, name.as_bytes());
        format!("evt_{}", bs58::encode(&hash.as_ref()[..16]).into_string())
    }
}
