//! Statuses of the API about webhooks, as the OpenAPI document lists them.

use crate::words;

words! {
    /// Whether a webhook gets events.
    WebhookStatus = ["active", "disabled"];
    /// Whether an endpoint took an event.
    DeliveryStatus = ["success", "failed"];
    /// Whether a replay is complete.
    ReplayStatus = ["running", "done"];
}
