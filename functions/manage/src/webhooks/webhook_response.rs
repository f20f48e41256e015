//! A webhook in responses. Its secret is only in those of its creation and rotation.

use shared::clock;
use shared::ids::{InstanceId, WebhookId};
use shared::webhook::{EventName, Webhook, WebhookStatus};

use crate::prelude::*;

/// A webhook.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookResponse {
    /// The id of the webhook.
    id: WebhookId,
    /// What you call it.
    name: Option<String>,
    /// The URL that receives the events.
    url: String,
    /// The instance whose events it gets.
    instance_id: Option<InstanceId>,
    /// The events that it gets.
    #[schema(value_type = Vec<EventName>)]
    events: Vec<String>,
    /// Whether it gets events.
    #[schema(value_type = WebhookStatus)]
    status: &'static str,
    /// Why Pombo disabled it; absent if you did.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<String>,
    /// Since when its endpoint has only failed: present while it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<String>,
    /// Why the latest attempt failed: present while the endpoint fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    /// Until when it is not called, after failures in a row: its events wait. A successful test, another `url` and `status: active` end it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    paused_until: Option<String>,
    /// Whether its delivery log has successful attempts as well.
    log_success: bool,
    /// When it was created.
    #[schema(format = DateTime)]
    created_at: String,
}

impl WebhookResponse {
    /// The webhook in a record.
    pub fn new(webhook: Webhook) -> Self {
        let paused_until = webhook.circuit_open_until(clock::now()).filter(|_| webhook.active);
        Self {
            paused_until: paused_until.map(|until| until.to_string()),
            id: webhook.id,
            name: webhook.name,
            url: webhook.url,
            instance_id: webhook.instance_id,
            events: webhook.events,
            status: if webhook.active { "active" } else { "disabled" },
            disabled_reason: webhook.disabled_reason,
            failing_since: webhook.failing_since.map(|since| since.to_string()),
            last_error: webhook.last_error.filter(|_| webhook.failures > 0),
            log_success: webhook.log_success,
            created_at: webhook.created_at.to_string(),
        }
    }

    /// An example for the OpenAPI document.
    pub fn example() -> Value {
        json!({
            "id": "wh_xyz789", "name": "Ours", "url": "https://example.com/webhook", "instanceId": "inst_abc123",
            "events": ["message.sent"], "status": "active", "logSuccess": false, "createdAt": "2026-02-03T12:00:00.000Z",
        })
    }
}
