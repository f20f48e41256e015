//! The delivery of one event to one webhook, between its attempts.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::event::Event;
use crate::ids::{AccountId, MessageId, WebhookId};
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
    /// When the message that it is about was accepted or received, if it is about one and of this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_at: Option<Timestamp>,
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
    /// The message that the event is about, unless it is about an instance or a webhook.
    pub fn message(&self) -> Option<MessageId> {
        self.subject.parse().ok()
    }

    /// What is kept as a dead letter: of a message's event, no body, since nobody could erase it there. A replay makes it
    /// again.
    #[must_use]
    pub fn dead_letter(&self) -> Self {
        let body = if self.message().is_some() { String::new() } else { self.body.clone() };
        Self { body, ..self.clone() }
    }

    /// Whether it is a dead letter that was redriven, and has nothing to deliver.
    pub const fn is_without_body(&self) -> bool {
        self.body.is_empty()
    }

    /// The delivery of an event before its first attempt.
    pub fn new(event: &Event, webhook: &Webhook, now: Timestamp) -> Self {
        Self {
            account_id: webhook.account_id.clone(),
            webhook_id: webhook.id.clone(),
            id: event.id(&webhook.id),
            event: event.name.to_string(),
            subject: event.subject.clone(),
            body: event.body.clone(),
            message_at: event.message_at,
            attempts: 0,
            due: now,
            first: now,
            operator: webhook.instance_id.is_none(),
        }
    }
}
