//! Webhooks: customers' addresses that are told of events.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::account_key::ItemKey;
use crate::clock::Timestamp;
use crate::ids::{self, AccountId, InstanceId, WebhookId};
use crate::sealed::{CannotOpen, Sealed, Sealer};

/// The contract's events. `instance.qr_updated` is taken and never comes: there is no phone session to show a code of.
pub const EVENTS: [&str; 8] = [
    "message.sent",
    "message.delivered",
    "message.read",
    "message.failed",
    "message.received",
    "instance.connected",
    "instance.disconnected",
    "instance.qr_updated",
];

/// A new secret: `whs_` and 43 characters of 256 random bits (contract).
pub fn new_secret() -> SecretString {
    format!("whs_{}", URL_SAFE_NO_PAD.encode(ids::random::<32>())).into()
}

/// A secret in the form that the published Standard Webhooks libraries take: `whsec_` and the base64 of its bytes.
pub fn signing_secret(secret: &SecretString) -> String {
    format!("whsec_{}", STANDARD.encode(secret.expose_secret()))
}

/// A customer's address that is told of events.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The instance whose events it gets. The operator's webhook has none: it is told of the account's webhooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<InstanceId>,
    /// What the customer calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it listens.
    pub url: String,
    /// The events that it gets, by the contract's names.
    pub events: Vec<String>,
    /// Sealed for [`Webhook::secret_place`].
    pub secret: Sealed,
    /// The secret before it, while receivers change over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_secret: Option<PreviousSecret>,
    /// Whether it is called at all.
    pub active: bool,
    /// Why it was disabled, if the customer did not do it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<String>,
    /// Whether attempts that succeeded stand in its log as well.
    #[serde(default)]
    pub log_success: bool,
    /// Attempts that failed since the last that succeeded.
    #[serde(default)]
    pub failures: u32,
    /// When the first of them failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// Until when it is not called, since it failed so often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_until: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A secret that was replaced and still signs beside the new one.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviousSecret {
    /// Sealed for [`Webhook::secret_place`].
    pub secret: Sealed,
    /// Until when it signs.
    pub until: Timestamp,
}

impl Webhook {
    /// The place for which the secret is sealed.
    pub fn secret_place(account: &AccountId, webhook: &WebhookId) -> String {
        format!("{account}/{webhook}/secret")
    }

    /// The secrets that sign at `now`: the current one first.
    pub fn secrets(&self, sealer: &Sealer, now: Timestamp) -> Result<Vec<SecretString>, CannotOpen> {
        let place = Self::secret_place(&self.account_id, &self.id);
        let previous = self.previous_secret.as_ref().filter(|previous| now < previous.until);
        let sealed = std::iter::once(&self.secret).chain(previous.map(|previous| &previous.secret));
        sealed.map(|secret| sealer.open(secret, &place)).collect()
    }

    /// A webhook that is active and has never failed.
    pub fn new(account_id: AccountId, id: WebhookId, url: String, secret: Sealed, now: Timestamp) -> Self {
        Self {
            id,
            account_id,
            instance_id: None,
            name: None,
            url,
            events: Vec::new(),
            secret,
            previous_secret: None,
            active: true,
            disabled_reason: None,
            log_success: false,
            failures: 0,
            failing_since: None,
            open_until: None,
            created_at: now,
        }
    }

    /// Where it lies.
    pub fn key(&self) -> ItemKey {
        match self.instance_id {
            Some(_) => ItemKey::webhook(&self.account_id, &self.id),
            None => ItemKey::operator_webhook(&self.account_id),
        }
    }

    /// Whether it is told of this event of this instance.
    pub fn wants(&self, instance: &InstanceId, event: &str) -> bool {
        self.active && self.instance_id.as_ref() == Some(instance) && self.events.iter().any(|wanted| wanted == event)
    }
}
