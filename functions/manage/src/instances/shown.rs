//! An instance as customers see it. Its token is not part of it, nor ever was.

use serde::Serialize;
use serde_json::value::RawValue;
use shared::ids::InstanceId;
use shared::instance::{Connection, Instance};
use shared::webhook::Webhook;
use utoipa::ToSchema;

/// The contract's instance.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Instance)]
pub struct Shown {
    id: InstanceId,
    name: String,
    status: Connection,
    phone: Option<String>,
    profile_name: Option<String>,
    profile_pic_url: Option<String>,
    webhook_url: Option<String>,
    webhook_events: Vec<String>,
    #[schema(value_type = Object)]
    settings: Box<RawValue>,
    created_at: String,
}

impl Shown {
    /// An instance and the webhook that was made with it.
    pub fn of(instance: Instance, webhook: Option<&Webhook>) -> Self {
        let number = instance.number.as_ref();
        let settings = instance.settings.and_then(|text| RawValue::from_string(text).ok());
        Self {
            phone: number.and_then(|number| number.phone.clone()),
            profile_name: number.and_then(|number| number.profile_name.clone()),
            profile_pic_url: None, // WhatsApp tells none of a number's
            webhook_url: webhook.map(|webhook| webhook.url.clone()),
            webhook_events: webhook.map(|webhook| webhook.events.clone()).unwrap_or_default(),
            settings: settings.unwrap_or_else(|| RawValue::from_string("{}".to_owned()).expect("an object")),
            id: instance.id,
            name: instance.name,
            status: instance.status,
            created_at: instance.created_at.to_string(),
        }
    }
}
