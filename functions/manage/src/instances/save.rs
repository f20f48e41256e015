//! Creating an instance, and changing what the customer may change of it.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use shared::account_key::ItemKey;
use shared::api_error::ApiError;
use shared::authentication::Caller;
use shared::change::Change;
use shared::clock;
use shared::conditional_write::Updated;
use shared::ids::InstanceId;
use shared::instance::Instance;
use shared::request_body::{self, required};
use shared::webhook::Webhook;
use utoipa::ToSchema;

use super::{not_found, show, shown, unavailable};

use crate::answer::Answer;
use crate::router::Manager;
use crate::webhooks::new::{self, NewWebhook};

/// Bytes of the settings: they lie on an item that is read for each message.
const MAX_SETTINGS: usize = 4096;

/// The body that is taken.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = InstanceBody)]
pub struct Fields {
    name: Option<String>,
    /// Absent leaves it; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    webhook_url: Option<Option<String>>,
    webhook_events: Option<Vec<String>>,
    #[schema(value_type = Option<Object>)]
    settings: Option<Box<RawValue>>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// `POST /v1/instances`.
pub async fn create(manager: &Manager, caller: &Caller, body: &[u8]) -> Result<Answer, ApiError> {
    let fields: Fields = request_body::read(body)?;
    let name = request_body::name(required(fields.name, "name", "what you call the instance")?)?;
    let account = caller.account();
    let mut instance = Instance::new(account.clone(), InstanceId::generate(), name, clock::now());
    instance.settings = fields.settings.as_deref().map(settings).transpose()?;
    let webhook = match (fields.webhook_url.flatten(), fields.webhook_events) {
        (Some(url), events) => Some(own_webhook(manager, &instance, url, events)?),
        (None, Some(_)) => return Err(ApiError::invalid("webhookEvents", "goes with `webhookUrl` only")),
        (None, None) => None,
    };
    instance.webhook_id = webhook.as_ref().map(|webhook| webhook.id.clone());
    if let Some(webhook) = &webhook {
        manager.books.accounts.put_webhook(webhook).await.map_err(ApiError::internal)?;
    }
    manager.books.accounts.put_instance(&instance).await.map_err(ApiError::internal)?;
    tracing::info!(instance_id = %instance.id, "instance.created");
    Answer::created(&shown(manager, instance).await?)
}

/// `PATCH /v1/instances/{id}`: what is named changes, the rest stays.
pub async fn update(manager: &Manager, instance: Instance, body: &[u8]) -> Result<Answer, ApiError> {
    let fields: Fields = request_body::read(body)?;
    let mut change = Change::new().when_present("pk");
    if let Some(name) = fields.name {
        change = change.set("name", request_body::name(name)?);
    }
    if let Some(json) = fields.settings.as_deref() {
        change = change.set("settings", settings(json)?);
    }
    let change = change_webhook(manager, &instance, change, fields.webhook_url, fields.webhook_events).await?;
    if change.is_empty() {
        return show(manager, instance).await;
    }
    let key = ItemKey::instance(&instance.account_id, &instance.id);
    match manager.books.accounts.change(key, &change).await.map_err(ApiError::internal)? {
        Updated::Done(_) => {}
        Updated::Refused(_) => return Err(not_found()),
    }
    let changed = manager.books.accounts.instance(&instance.account_id, &instance.id).await.map_err(unavailable)?;
    show(manager, changed.ok_or_else(not_found)?).await
}

/// Makes, changes or removes the webhook that belongs to the instance.
async fn change_webhook(
    manager: &Manager,
    instance: &Instance,
    change: Change,
    url: Option<Option<String>>,
    events: Option<Vec<String>>,
) -> Result<Change, ApiError> {
    let accounts = &manager.books.accounts;
    let standing = match &instance.webhook_id {
        Some(id) => accounts.webhook(&instance.account_id, id).await.map_err(unavailable)?,
        None => None,
    };
    let events = events.map(|events| new::events("webhookEvents", events)).transpose()?;
    match (url, standing) {
        (Some(None), _) if events.is_some() => Err(ApiError::invalid("webhookEvents", "goes with `webhookUrl` only")),
        (Some(None), Some(webhook)) => {
            accounts.delete_webhook(&instance.account_id, &webhook.id).await.map_err(ApiError::internal)?;
            Ok(change.remove("webhookId"))
        }
        (url, Some(webhook)) => {
            let mut changed = Change::new().when_present("pk");
            if let Some(url) = url.flatten() {
                changed = changed.set("url", new::url(manager, "webhookUrl", &url)?);
            }
            if let Some(events) = events {
                changed = changed.set("events", events);
            }
            if !changed.is_empty() {
                let key = ItemKey::webhook(&webhook.account_id, &webhook.id);
                accounts.change(key, &changed).await.map_err(ApiError::internal)?;
            }
            Ok(change)
        }
        (Some(Some(url)), None) => {
            let webhook = own_webhook(manager, instance, url, events)?;
            accounts.put_webhook(&webhook).await.map_err(ApiError::internal)?;
            Ok(change.set("webhookId", &webhook.id))
        }
        (None, None) if events.is_some() => Err(ApiError::invalid("webhookEvents", "goes with `webhookUrl` only")),
        _ => Ok(change),
    }
}

/// The webhook of an instance: told of everything, unless events are named. Its secret is had by rotating it.
fn own_webhook(
    manager: &Manager,
    instance: &Instance,
    url: String,
    events: Option<Vec<String>>,
) -> Result<Webhook, ApiError> {
    let webhook = NewWebhook {
        account: &instance.account_id,
        instance: &instance.id,
        name: None,
        url: new::url(manager, "webhookUrl", &url)?,
        events: match events {
            Some(events) => new::events("webhookEvents", events)?,
            None => new::every_event(),
        },
        secret: None,
        log_success: false,
    };
    Ok(new::webhook(manager, webhook)?.0)
}

/// A JSON object, kept as its text.
fn settings(json: &RawValue) -> Result<String, ApiError> {
    let text = json.get();
    if !text.starts_with('{') {
        return Err(ApiError::invalid("settings", "must be a JSON object"));
    }
    if text.len() > MAX_SETTINGS {
        let message = format!("has {} bytes; at most {MAX_SETTINGS} are taken", text.len());
        return Err(ApiError::invalid("settings", message));
    }
    Ok(text.to_owned())
}
