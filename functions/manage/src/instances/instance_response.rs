//! An instance in responses. Its access token is never part of one.

use serde_json::value::RawValue;
use shared::clock;
use shared::ids::InstanceId;
use shared::instance::{AccountState, ConnectionStatus, Instance};
use shared::json_text::JsonText;
use shared::webhook::{EventName, Webhook};
use shared::whatsapp::PauseReason;

use crate::instances::instance_fields::InstanceSettings;
use crate::prelude::*;

/// An instance.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstanceResponse {
    /// The id of the instance.
    id: InstanceId,
    /// What you call it.
    name: String,
    /// Whether it can send.
    status: ConnectionStatus,
    /// Its phone number, as WhatsApp shows it.
    phone: Option<String>,
    /// The name that WhatsApp shows for the number.
    profile_name: Option<String>,
    /// Always null: WhatsApp has none for a number of its API.
    profile_pic_url: Option<String>,
    /// The URL of the webhook that was created with it.
    webhook_url: Option<String>,
    /// The events of that webhook.
    #[schema(value_type = Vec<EventName>)]
    webhook_events: Vec<String>,
    /// Its settings.
    #[schema(value_type = InstanceSettings)]
    settings: Box<RawValue>,
    /// WhatsApp's rating of the number's quality, such as `GREEN`.
    quality: Option<String>,
    /// How many people may be written to first in a day, by WhatsApp's word, such as `TIER_2K`.
    messaging_limit: Option<String>,
    /// Messages a second, sent and received, that WhatsApp accepts from the number.
    throughput: Option<u32>,
    /// Until when a condition of its number or its business account pauses it.
    #[schema(format = DateTime)]
    paused_until: Option<String>,
    /// Which condition that is.
    pause_reason: Option<PauseReason>,
    /// Until when its messages wait, which are accepted meanwhile: WhatsApp wants fewer of them, or does not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    held_until: Option<String>,
    /// What happened last to its business account.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_state: Option<AccountState>,
    /// When it was created.
    #[schema(format = DateTime)]
    created_at: String,
}

impl InstanceResponse {
    /// An instance and the webhook that belongs to it.
    pub fn new(instance: Instance, webhook: Option<&Webhook>) -> Self {
        let (number, now) = (instance.number.as_ref(), clock::now());
        let paused = instance.condition_remaining(now);
        Self {
            throughput: number.map(|number| number.rate),
            paused_until: paused.map(|(_, wait)| now.plus(wait).to_string()),
            pause_reason: paused.map(|(reason, _)| reason),
            held_until: instance.held_until(now).map(|until| until.to_string()),
            phone: number.and_then(|number| number.phone.clone()),
            profile_name: number.and_then(|number| number.profile_name.clone()),
            profile_pic_url: None, // WhatsApp's API has none for a business's own number
            webhook_url: webhook.map(|webhook| webhook.url.clone()),
            webhook_events: webhook.map(|webhook| webhook.events.clone()).unwrap_or_default(),
            settings: instance.settings.as_ref().map(JsonText::json).map_or_else(empty_object, ToOwned::to_owned),
            quality: instance.quality,
            messaging_limit: instance.messaging_limit,
            account_state: instance.account_state,
            id: instance.id,
            name: instance.name,
            status: instance.status,
            created_at: instance.created_at.to_string(),
        }
    }

    /// An instance with its webhook, which is read.
    pub async fn read(state: &AppState, instance: Instance) -> Result<Self, ApiError> {
        let webhook = match &instance.webhook_id {
            Some(id) => state.accounts.webhook(&instance.account_id, id).await.map_err(unavailable)?,
            None => None,
        };
        Ok(Self::new(instance, webhook.as_ref()))
    }

    /// An example for the OpenAPI document.
    pub fn example() -> Value {
        json!({
            "id": "inst_abc123", "name": "Support", "status": "connected", "phone": "+55 11 4000-0000",
            "profileName": "Support", "profilePicUrl": null, "webhookUrl": "https://example.com/webhook",
            "webhookEvents": ["message.sent"], "settings": {}, "quality": "GREEN", "messagingLimit": "TIER_2K",
            "throughput": 80, "pausedUntil": null, "pauseReason": null, "createdAt": "2026-02-03T12:00:00.000Z",
        })
    }
}

fn empty_object() -> Box<RawValue> {
    RawValue::from_string("{}".to_owned()).expect("an object")
}
