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
    instance_id: InstanceId,
    events: Vec<String>,
    status: &'static str,
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
            created_at: webhook.created_at.to_string(),
        }
    }
}
