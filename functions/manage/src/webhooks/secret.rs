//! `POST /v1/webhooks/{id}/rotate`: a new secret; the one before it signs beside it while receivers change over.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use shared::account_key::ItemKey;
use shared::api_error::ApiError;
use shared::change::Change;
use shared::clock;
use shared::conditional_write::Updated;
use shared::request_body;
use shared::webhook::{PreviousSecret, Webhook, new_secret, signing_secret};
use utoipa::ToSchema;

use super::{new, not_found};
use crate::answer::Answer;
use crate::router::Manager;

/// How long both secrets sign.
const BOTH: Duration = Duration::from_secs(24 * 60 * 60);

/// The body that is taken.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RotateBody)]
pub struct Fields {
    secret: Option<String>,
}

/// What is answered.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RotatedSecret)]
pub struct Rotated<'a> {
    id: &'a str,
    secret: &'a str,
    signing_secret: String,
    previous_secret_expires_at: String,
}

/// Gives a webhook a new secret, shown now and never again.
pub async fn rotate(manager: &Manager, webhook: Webhook, body: &[u8]) -> Result<Answer, ApiError> {
    let fields: Fields = if body.is_empty() { Fields::default() } else { request_body::read(body)? };
    let secret = fields.secret.map(new::secret).transpose()?.unwrap_or_else(new_secret);
    let until = clock::now().plus(BOTH);
    let place = Webhook::secret_place(&webhook.account_id, &webhook.id);
    let change = Change::new()
        .set("secret", manager.sealer.seal(&secret, &place))
        .set("previousSecret", PreviousSecret { secret: webhook.secret.clone(), until })
        .when_equal("secret", &webhook.secret); // of two at once, one must not lose the other's
    let key = ItemKey::webhook(&webhook.account_id, &webhook.id);
    match manager.books.accounts.change(key, &change).await.map_err(ApiError::internal)? {
        Updated::Done(_) => {}
        Updated::Refused(None) => return Err(not_found()),
        Updated::Refused(Some(_)) => return Err(ApiError::unavailable("two rotations at once", 1)),
    }
    tracing::info!(webhook_id = %webhook.id, "webhook.secret_rotated");
    Answer::ok(&Rotated {
        id: webhook.id.as_str(),
        secret: secret.expose_secret(),
        signing_secret: signing_secret(&secret),
        previous_secret_expires_at: until.to_string(),
    })
}
