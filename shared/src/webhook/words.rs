//! The words of the API about webhooks, as the OpenAPI document lists them.

use crate::webhook::record::{EVENTS, LISTED_EVENTS, OPERATOR_EVENTS};
use crate::words;

words! {
    /// The name of an event of a webhook. `instance.qr_updated` is accepted and never published.
    EventName = EVENTS.into_iter().chain(LISTED_EVENTS);
    /// The name of an event, those of operator webhooks among them.
    AnyEventName = EVENTS.into_iter().chain(LISTED_EVENTS).chain(OPERATOR_EVENTS);
    /// Whether a webhook gets events.
    WebhookStatus = ["active", "disabled"];
    /// Whether an endpoint took an event.
    DeliveryStatus = ["success", "failed"];
    /// Whether a replay is complete.
    ReplayStatus = ["running", "done"];
}
