//! The names of the events that webhooks can get (contract).

use crate::words;

/// The contract's events. `instance.qr_updated` is accepted and never published: there is no phone session with a QR code.
pub const EVENTS: [&str; 8] = [
    "message.sent",
    "message.delivered",
    "message.read",
    "message.failed",
    "message.received",
    "instance.connected",
    "instance.disconnected",
    "instance.qr_updated",
];

/// Events that a webhook gets only if it lists them.
pub const LISTED_EVENTS: [&str; 8] = [
    "batch.completed",
    "instance.updated",
    "template.updated",
    "contact.updated",
    "contact.opted_out",
    "contact.opted_in",
    "media.ready",
    "media.failed",
];

/// Events of operator webhooks, about the webhooks of the account.
pub const OPERATOR_EVENTS: [&str; 2] = ["webhook.exhausted", "webhook.disabled"];

words! {
    /// The name of an event of a webhook. `instance.qr_updated` is accepted and never published.
    EventName = EVENTS.into_iter().chain(LISTED_EVENTS);
    /// The name of an event, those of operator webhooks among them.
    AnyEventName = EVENTS.into_iter().chain(LISTED_EVENTS).chain(OPERATOR_EVENTS);
}
