//! The fields that requests about instances share: `settings`, and `webhookUrl` with `webhookEvents`, which describe the
//! webhook that belongs to the instance.

use std::collections::HashMap;

use serde_json::value::RawValue;
use shared::account::Scope;
use shared::clock;
use shared::ids::WebhookId;
use shared::instance::{Instance, OutsideWindow};
use shared::json_text::JsonText;
use shared::webhook::record::new_secret;
use shared::webhook::{EVENTS, Webhook, WebhookChanges};

use crate::prelude::*;
use crate::webhooks::{webhook_count, webhook_fields};

/// The most bytes of settings: they are on an item that is read for every message.
const MAX_SETTINGS: usize = 4096;

/// The settings of an instance. All but these are the customer's own.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstanceSettings {
    /// Whether a message that is not a template is sent outside WhatsApp's 24-hour window, where WhatsApp refuses it, or
    /// refused at once, without a charge, as far as it is known that the window is closed.
    #[schema(default = "send", value_type = OutsideWindow, required = false)]
    outside_window: Option<OutsideWindow>,
    #[serde(flatten)]
    other: HashMap<String, Value>,
}

/// The settings of an instance: a JSON object, in which what is ours has a value that we know.
pub fn settings(json: Box<RawValue>) -> Result<JsonText, ApiError> {
    let text = json.get();
    if !text.starts_with('{') {
        return Err(ApiError::invalid("settings", "`settings` must be a JSON object."));
    }
    if text.len() > MAX_SETTINGS {
        let message = format!("`settings` has {} bytes; at most {MAX_SETTINGS} are allowed.", text.len());
        return Err(ApiError::invalid("settings", message));
    }
    if OutsideWindow::read(&json).is_none() {
        let message = "`settings.outsideWindow` must be `send` or `refuse`.";
        return Err(ApiError::invalid("settings.outsideWindow", message));
    }
    Ok(json.into())
}

/// The webhook of a new instance, if the request asks for one.
pub fn new_instance_webhook(
    state: &AppState,
    instance: &Instance,
    url: Option<String>,
    events: Option<Vec<String>>,
) -> Result<Option<Webhook>, ApiError> {
    match (url, events) {
        (Some(url), events) => new_webhook(state, instance, &url, events).map(Some),
        (None, Some(_)) => Err(url_required()),
        (None, None) => Ok(None),
    }
}

/// Refuses a request about the webhook of an instance from a key that may not change webhooks: it would read all messages there.
pub fn check_scope(caller: &Caller, has_webhook: bool) -> Result<(), ApiError> {
    if has_webhook { caller.require(Scope::WebhooksWrite) } else { Ok(()) }
}

/// Creates, changes or removes the webhook of an instance. Returns its id, or its absence, if that changes.
pub async fn change_webhook(
    state: &AppState,
    instance: &Instance,
    url: Option<Option<String>>,
    events: Option<Vec<String>>,
) -> Result<Option<Option<WebhookId>>, ApiError> {
    let accounts = &state.accounts;
    let existing = match &instance.webhook_id {
        Some(id) => accounts.webhook(&instance.account_id, id).await.map_err(unavailable)?,
        None => None,
    };
    let events = events.map(|events| webhook_fields::events("webhookEvents", events)).transpose()?;
    match (url, existing) {
        (Some(None), _) if events.is_some() => Err(url_required()),
        (Some(None), Some(webhook)) => {
            let forget_at = clock::now().plus(state.retention);
            accounts.delete_webhook(&instance.account_id, &webhook.id, forget_at).await.map_err(ApiError::internal)?;
            Ok(Some(None))
        }
        (url, Some(webhook)) => {
            let url = url.flatten().map(|url| webhook_fields::url(state, "webhookUrl", &url)).transpose()?;
            let changes = WebhookChanges { url, events, ..WebhookChanges::default() };
            accounts.change_webhook(&webhook, changes).await.map_err(ApiError::internal)?;
            Ok(None)
        }
        (Some(Some(url)), None) => {
            let webhook = new_webhook(state, instance, &url, events)?;
            webhook_count::create(state, &webhook).await?;
            Ok(Some(Some(webhook.id)))
        }
        (None, None) if events.is_some() => Err(url_required()),
        (None | Some(None), None) => Ok(None),
    }
}

/// A webhook for all events unless some are named. Its secret is generated; a rotation returns one.
fn new_webhook(
    state: &AppState,
    instance: &Instance,
    url: &str,
    events: Option<Vec<String>>,
) -> Result<Webhook, ApiError> {
    let url = webhook_fields::url(state, "webhookUrl", url)?;
    let events = match events {
        Some(events) => webhook_fields::events("webhookEvents", events)?,
        None => EVENTS.iter().filter(|event| **event != "instance.qr_updated").map(ToString::to_string).collect(),
    };
    let webhook = webhook_fields::new_webhook(state, &instance.account_id, url, &new_secret());
    Ok(Webhook { instance_id: Some(instance.id.clone()), events, ..webhook })
}

fn url_required() -> ApiError {
    ApiError::invalid("webhookEvents", "`webhookEvents` requires `webhookUrl`: the URL that receives the events.")
}
