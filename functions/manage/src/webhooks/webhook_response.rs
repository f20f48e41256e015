//! A webhook in responses. Its secret is only in those of its creation and rotation.

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
    /// Whether its delivery log has successful attempts as well.
    log_success: bool,
    /// When it was created.
    #[schema(format = DateTime)]
    created_at: String,
}

impl WebhookResponse {
    /// The webhook in a record.
    pub fn new(webhook: Webhook) -> Self {
        Self {
            id: webhook.id,
            name: webhook.name,
            url: webhook.url,
            instance_id: webhook.instance_id,
            events: webhook.events,
            status: if webhook.active { "active" } else { "disabled" },
            disabled_reason: webhook.disabled_reason,
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
