//! The operator's webhook for an account: told when one of the account's webhooks gives up on an event or is disabled.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use shared::account::Account;
use shared::api_error::{ApiError, ErrorCode};
use shared::clock;
use shared::ids::WebhookId;
use shared::request_body::{self, required};
use shared::webhook::{Webhook, new_secret, signing_secret};
use utoipa::ToSchema;

use super::unavailable;
use crate::answer::Answer;
use crate::router::Manager;
use crate::webhooks::new;

/// The body that is taken.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OperatorWebhookBody)]
pub struct Fields {
    #[schema(required = true, value_type = String)]
    url: Option<String>,
    secret: Option<String>,
}

/// The operator's webhook.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OperatorWebhook)]
pub struct Shown {
    id: WebhookId,
    url: String,
    status: &'static str,
    /// Shown now and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_secret: Option<String>,
    created_at: String,
}

impl Shown {
    fn of(webhook: Webhook, secret: Option<&SecretString>) -> Self {
        Self {
            id: webhook.id,
            url: webhook.url,
            status: if webhook.active { "active" } else { "disabled" },
            secret: secret.map(|secret| secret.expose_secret().to_owned()),
            signing_secret: secret.map(signing_secret),
            created_at: webhook.created_at.to_string(),
        }
    }
}

/// Sets it, in place of the one before.
pub async fn put(manager: &Manager, account: &Account, body: &[u8]) -> Result<Answer, ApiError> {
    let fields: Fields = request_body::read(body)?;
    let url = new::url(manager, "url", &required(fields.url, "url", "where the webhook listens")?)?;
    let secret = fields.secret.map(new::secret).transpose()?.unwrap_or_else(new_secret);
    let id = WebhookId::generate();
    let sealed = manager.sealer.seal(&secret, &Webhook::secret_place(&account.id, &id));
    let webhook = Webhook::new(account.id.clone(), id, url, sealed, clock::now());
    manager.books.accounts.put_webhook(&webhook).await.map_err(ApiError::internal)?;
    tracing::info!(account_id = %account.id, webhook_id = %webhook.id, "operator_webhook.set");
    Answer::ok(&Shown::of(webhook, Some(&secret)))
}

/// Shows it, without its secret.
pub async fn show(manager: &Manager, account: &Account) -> Result<Answer, ApiError> {
    let found = manager.books.accounts.operator_webhook(&account.id).await.map_err(unavailable)?;
    Answer::ok(&Shown::of(found.ok_or_else(not_found)?, None))
}

/// Removes it.
pub async fn delete(manager: &Manager, account: &Account) -> Result<Answer, ApiError> {
    let found = manager.books.accounts.operator_webhook(&account.id).await.map_err(unavailable)?;
    let key = found.ok_or_else(not_found)?.key();
    manager.books.accounts.delete(key).await.map_err(ApiError::internal)?;
    Ok(Answer::nothing())
}

fn not_found() -> ApiError {
    ApiError::new(ErrorCode::WebhookNotFound, "the account has no operator's webhook")
}
