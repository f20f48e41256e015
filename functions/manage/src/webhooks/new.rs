//! What a webhook is made of: its URL, events and secret, each checked.

use secrecy::{ExposeSecret, SecretString};
use shared::api_error::{ApiError, ErrorCode};
use shared::clock;
use shared::ids::{AccountId, InstanceId, WebhookId};
use shared::webhook::{EVENTS, Webhook, new_secret};

use crate::router::Manager;

/// Bytes of a URL: what browsers and proxies take.
const MAX_URL: usize = 2048;
/// Bytes of a secret (contract).
const SECRET_LENGTH: std::ops::RangeInclusive<usize> = 16..=64;

/// A webhook that is to be made.
pub struct NewWebhook<'a> {
    /// Whose it will be.
    pub account: &'a AccountId,
    /// The instance whose events it will get.
    pub instance: &'a InstanceId,
    /// What the customer calls it.
    pub name: Option<String>,
    /// Where it listens; checked.
    pub url: String,
    /// The events that it gets; checked.
    pub events: Vec<String>,
    /// Its secret; checked. One is made when there is none.
    pub secret: Option<SecretString>,
    /// Whether its log has successes as well.
    pub log_success: bool,
}

/// The record of a new webhook, and its secret.
pub fn webhook(manager: &Manager, new: NewWebhook<'_>) -> Result<(Webhook, SecretString), ApiError> {
    let id = WebhookId::generate();
    let secret = new.secret.unwrap_or_else(new_secret);
    let sealed = manager.sealer.seal(&secret, &Webhook::secret_place(new.account, &id));
    let webhook = Webhook {
        instance_id: Some(new.instance.clone()),
        name: new.name,
        events: new.events,
        log_success: new.log_success,
        ..Webhook::new(new.account.clone(), id, new.url, sealed, clock::now())
    };
    Ok((webhook, secret))
}

/// A URL that may be called.
pub fn url(manager: &Manager, field: &str, text: &str) -> Result<String, ApiError> {
    let wrong = |message: String| ApiError::field(ErrorCode::InvalidWebhookUrl, field, message);
    if text.len() > MAX_URL {
        return Err(wrong(format!("has {} bytes; at most {MAX_URL} are taken", text.len())));
    }
    manager.endpoints.check(text).map_err(|refused| wrong(refused.to_string()))?;
    Ok(text.to_owned())
}

/// Every event that comes.
pub fn every_event() -> Vec<String> {
    EVENTS.iter().filter(|event| **event != "instance.qr_updated").map(|event| (*event).to_owned()).collect()
}

/// Events of the contract, each once, in the order given.
pub fn events(field: &str, events: Vec<String>) -> Result<Vec<String>, ApiError> {
    if events.is_empty() {
        return Err(ApiError::invalid(field, format!("must name at least one of {}", EVENTS.join(", "))));
    }
    let mut chosen: Vec<String> = Vec::new();
    for (position, event) in events.into_iter().enumerate() {
        if !EVENTS.contains(&event.as_str()) {
            let message = format!("is no event; there are {}", EVENTS.join(", "));
            return Err(ApiError::invalid(format!("{field}[{position}]"), message));
        }
        if !chosen.contains(&event) {
            chosen.push(event);
        }
    }
    Ok(chosen)
}

/// A secret of the customer's own.
pub fn secret(text: String) -> Result<SecretString, ApiError> {
    let secret = SecretString::from(text);
    let length = secret.expose_secret().len();
    if !SECRET_LENGTH.contains(&length) {
        return Err(ApiError::invalid("secret", format!("must have 16 to 64 bytes; this has {length}")));
    }
    Ok(secret)
}
