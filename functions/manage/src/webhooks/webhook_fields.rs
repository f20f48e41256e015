//! The fields that requests about webhooks share, each with its check.

use std::ops::RangeInclusive;

use secrecy::{ExposeSecret, SecretString};
use shared::clock;
use shared::http::request_body::required;
use shared::ids::{AccountId, InstanceId, WebhookId};
use shared::webhook::record::new_secret;
use shared::webhook::{EARLIER_EVENTS, EVENTS, LISTED_EVENTS, Webhook};

use crate::lookup;
use crate::prelude::*;

/// The most bytes of a URL: as many as browsers and proxies accept.
const MAX_URL: usize = 2048;
/// Bytes of a secret (contract).
const SECRET_LENGTH: RangeInclusive<usize> = 16..=64;

/// A new webhook with this secret, without an instance or events.
pub fn new_webhook(state: &AppState, account: &AccountId, url: String, secret: &SecretString) -> Webhook {
    let id = WebhookId::generate();
    let encrypted = state.secrets.get().cipher.encrypt(secret, &Webhook::secret_aad(account, &id));
    let now = clock::now();
    let erasure_check_until = Some(now.plus(EARLIER_EVENTS));
    Webhook { erasure_check_until, ..Webhook::new(account.clone(), id, url, encrypted, now) }
}

/// A URL that may be called.
pub fn url(state: &AppState, field: &str, text: &str) -> Result<String, ApiError> {
    let invalid = |message: String| ApiError::field(ErrorCode::InvalidWebhookUrl, field, message);
    if text.len() > MAX_URL {
        return Err(invalid(format!("`{field}` has {} bytes; at most {MAX_URL} are allowed.", text.len())));
    }
    state.endpoints.check(text).map_err(|error| invalid(format!("`{field}` {error}")))?;
    Ok(text.to_owned())
}

/// Events of the contract, in the order given and without duplicates.
pub fn events(field: &str, events: Vec<String>) -> Result<Vec<String>, ApiError> {
    if events.is_empty() {
        return Err(ApiError::invalid(field, format!("`{field}` must name at least one of {}.", names())));
    }
    let mut chosen: Vec<String> = Vec::new();
    for (position, event) in events.into_iter().enumerate() {
        check_event(&format!("{field}[{position}]"), &event)?;
        if !chosen.contains(&event) {
            chosen.push(event);
        }
    }
    Ok(chosen)
}

/// Checks the name of an event.
pub fn check_event(field: &str, event: &str) -> Result<(), ApiError> {
    if EVENTS.contains(&event) || LISTED_EVENTS.contains(&event) {
        return Ok(());
    }
    Err(ApiError::invalid(field, format!("`{field}` must be one of {}.", names())))
}

/// The names of all events.
fn names() -> String {
    [&EVENTS[..], &LISTED_EVENTS].concat().join(", ")
}

/// The customer's own secret, or a generated one.
pub fn secret(text: Option<String>) -> Result<SecretString, ApiError> {
    let Some(secret) = text.map(SecretString::from) else { return Ok(new_secret()) };
    let length = secret.expose_secret().len();
    if !SECRET_LENGTH.contains(&length) {
        let message = format!("`secret` must have 16 to 64 bytes; this has {length}.");
        return Err(ApiError::invalid("secret", message));
    }
    Ok(secret)
}

/// An instance of the caller's account, named in a request body.
pub async fn instance(state: &AppState, caller: &Caller, id: Option<String>) -> Result<InstanceId, ApiError> {
    let id = required(id, "instanceId", "the id of an instance of this account")?;
    match lookup::instance_with_id(state, caller, &id).await {
        Ok(instance) => Ok(instance.id),
        Err(error) if error.code == ErrorCode::InstanceNotFound => {
            let message = "`instanceId` must be the id of an instance of this account.";
            Err(ApiError::field(ErrorCode::InstanceNotFound, "instanceId", message))
        }
        Err(error) => Err(error),
    }
}
