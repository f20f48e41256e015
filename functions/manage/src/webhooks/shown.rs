//! A webhook as customers see it. Its secret is shown by creation and rotation only.

use serde::Serialize;
use shared::ids::{InstanceId, WebhookId};
use shared::webhook::Webhook;
use utoipa::ToSchema;

/// The contract's webhook.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook)]
pub struct Shown {
    id: WebhookId,
    name: Option<String>,
    url: String,
    instance_id: Option<InstanceId>,
    events: Vec<String>,
    status: &'static str,
    /// Why it was disabled, if you did not do it.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<String>,
    log_success: bool,
    created_at: String,
}

impl Shown {
    /// A record as customers see it.
    pub fn of(webhook: Webhook) -> Self {
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
}
