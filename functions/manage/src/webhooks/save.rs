//! Creating a webhook, and changing what the customer may change of it.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use shared::account_key::ItemKey;
use shared::api_error::{ApiError, ErrorCode};
use shared::authentication::Caller;
use shared::change::Change;
use shared::conditional_write::Updated;
use shared::ids::InstanceId;
use shared::request_body::{self, required};
use shared::webhook::{Webhook, signing_secret};
use utoipa::ToSchema;

use super::new::{self, NewWebhook};
use super::shown::Shown;
use super::{not_found, unavailable};
use crate::answer::Answer;
use crate::router::Manager;

/// The body that is taken.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewWebhookBody)]
pub struct NewFields {
    #[schema(required = true, value_type = String)]
    url: Option<String>,
    #[schema(required = true, value_type = String)]
    instance_id: Option<String>,
    #[schema(required = true, value_type = Vec<String>)]
    events: Option<Vec<String>>,
    name: Option<String>,
    secret: Option<String>,
    log_success: Option<bool>,
}

/// The body that is taken.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = WebhookBody)]
pub struct ChangedFields {
    url: Option<String>,
    events: Option<Vec<String>>,
    name: Option<String>,
    status: Option<String>,
    log_success: Option<bool>,
}

/// A webhook with its secret, which is shown now and never again.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewWebhook)]
pub struct WithSecret {
    #[serde(flatten)]
    webhook: Shown,
    secret: String,
    signing_secret: String,
}

impl WithSecret {
    fn new(webhook: Webhook, secret: &SecretString) -> Self {
        let signing_secret = signing_secret(secret);
        Self { webhook: Shown::of(webhook), secret: secret.expose_secret().to_owned(), signing_secret }
    }
}

/// `POST /v1/webhooks`.
pub async fn create(manager: &Manager, caller: &Caller, body: &[u8]) -> Result<Answer, ApiError> {
    let fields: NewFields = request_body::read(body)?;
    let url = new::url(manager, "url", &required(fields.url, "url", "where the webhook listens")?)?;
    let events = new::events("events", required(fields.events, "events", "the events that it is told of")?)?;
    let instance = instance(manager, caller, fields.instance_id).await?;
    let name = fields.name.map(request_body::name).transpose()?;
    let secret = fields.secret.map(new::secret).transpose()?;
    let account = caller.account();
    let log_success = fields.log_success.unwrap_or(false);
    let (webhook, secret) =
        new::webhook(manager, NewWebhook { account, instance: &instance, name, url, events, secret, log_success })?;
    manager.books.accounts.put_webhook(&webhook).await.map_err(ApiError::internal)?;
    tracing::info!(webhook_id = %webhook.id, "webhook.created");
    Answer::created(&WithSecret::new(webhook, &secret))
}

/// An instance of the caller's account, named in a body.
pub async fn instance(manager: &Manager, caller: &Caller, id: Option<String>) -> Result<InstanceId, ApiError> {
    let id = required(id, "instanceId", "the instance whose events are told")?;
    let unknown =
        || ApiError::field(ErrorCode::InstanceNotFound, "instanceId", "there is no such instance in this account");
    let id: InstanceId = id.parse().map_err(|_| unknown())?;
    let found = manager.books.accounts.instance(caller.account(), &id).await.map_err(unavailable)?;
    found.map(|instance| instance.id).ok_or_else(unknown)
}

/// `PUT /v1/webhooks/{id}`: what is named changes, the rest stays. `status: active` switches on again one that was
/// disabled, as if it had never failed.
pub async fn update(manager: &Manager, webhook: Webhook, body: &[u8]) -> Result<Answer, ApiError> {
    let fields: ChangedFields = request_body::read(body)?;
    let mut change = Change::new().when_present("pk");
    if let Some(url) = fields.url {
        change = change.set("url", new::url(manager, "url", &url)?);
    }
    if let Some(events) = fields.events {
        change = change.set("events", new::events("events", events)?);
    }
    if let Some(name) = fields.name {
        change = change.set("name", request_body::name(name)?);
    }
    if let Some(log_success) = fields.log_success {
        change = change.set("logSuccess", log_success);
    }
    change = match fields.status.as_deref() {
        None => change,
        Some("active") => Webhook::healthy(change.set("active", true)),
        Some("disabled") => change.set("active", false),
        Some(_) => return Err(ApiError::invalid("status", "must be active or disabled")),
    };
    if change.is_empty() {
        return Answer::ok(&Shown::of(webhook));
    }
    let key = ItemKey::webhook(&webhook.account_id, &webhook.id);
    match manager.books.accounts.change(key, &change).await.map_err(ApiError::internal)? {
        Updated::Done(item) => {
            let changed: Webhook = shared::account_table::read(item).map_err(ApiError::internal)?;
            Answer::ok(&Shown::of(changed))
        }
        Updated::Refused(_) => Err(not_found()),
    }
}
