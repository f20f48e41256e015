//! The delivery of one event to one webhook, between its attempts.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::event::Event;
use crate::ids::{AccountId, WebhookId};
use crate::webhook::record::Webhook;

/// An event that waits for an attempt at its webhook.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookDelivery {
    /// The webhook's account.
    pub account_id: AccountId,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The event's id, the `webhook-id`.
    pub id: String,
    /// The event's name.
    pub event: String,
    /// The id of the message, instance or webhook that it is about.
    pub subject: String,
    /// The event's body.
    pub body: String,
    /// Attempts made.
    pub attempts: u32,
    /// When the next attempt is due.
    pub due: Timestamp,
    /// When the first attempt was due: the retry schedule ends by that.
    pub first: Timestamp,
    /// Whether the webhook is the operator's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub operator: bool,
}

impl WebhookDelivery {
    /// The delivery of an event before its first attempt.
    pub fn new(event: &Event, webhook: &Webhook, now: Timestamp) -> Self {
        Self {
            account_id: webhook.account_id.clone(),
            webhook_id: webhook.id.clone(),
            id: event.id(&webhook.id),
            event: event.name.to_owned(),
            subject: event.subject.clone(),
            body: event.body.clone(),
            attempts: 0,
            due: now,
            first: now,
            operator: webhook.instance_id.is_none(),
        }
    }
}
