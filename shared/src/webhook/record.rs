//! Webhooks: customers' endpoints that are notified of events.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::aws::ItemKey;
use crate::clock::Timestamp;
use crate::ids::{self, AccountId, InstanceId, WebhookId};
use crate::ledger::credits::RESTORABLE;
use crate::security::{DecryptionError, EncryptedSecret, SecretCipher};

/// How long an event may come to a webhook that was created after it: a stream keeps it for a day, then its attempts take
/// hours.
pub const EARLIER_EVENTS: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// How long after an erasure each attempt first reads whether its message was erased: as long as anything keeps its event.
pub const ERASURE_CHECK: Duration = RESTORABLE;

/// How long after its mark an erasure may still erase a message that is new: `manage`'s timeout of 15 seconds and the
/// difference of two clocks, both with room.
const ERASURE_LASTS: Duration = Duration::from_secs(60);

/// Generates a secret: `whs_` and 43 characters of 256 random bits (contract).
pub fn new_secret() -> SecretString {
    format!("whs_{}", URL_SAFE_NO_PAD.encode(ids::random::<32>())).into()
}

/// A secret in the form that the published Standard Webhooks libraries expect: `whsec_` and the base64 of its bytes.
pub fn signing_secret(secret: &SecretString) -> String {
    format!("whsec_{}", STANDARD.encode(secret.expose_secret()))
}

/// A customer's endpoint that is notified of events.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Its account.
    pub account_id: AccountId,
    /// The instance whose events it gets. The operator's webhook has none: it is notified about the account's webhooks.
    pub instance_id: Option<InstanceId>,
    /// The customer's name for it.
    pub name: Option<String>,
    /// The endpoint's URL.
    pub url: String,
    /// The events that it gets, by the contract's names.
    pub events: Vec<String>,
    /// Encrypted for [`Webhook::secret_aad`].
    pub secret: EncryptedSecret,
    /// The secret before it, while receivers change over.
    pub previous_secret: Option<PreviousSecret>,
    /// Those before that, newest first: a rotation may be repeated whose answer was lost, and receivers still have an older one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_secrets: Vec<PreviousSecret>,
    /// Whether it is active.
    pub active: bool,
    /// Why it was disabled, unless the customer did it.
    pub disabled_reason: Option<String>,
    /// Whether its log has successful attempts as well.
    #[serde(default)]
    pub log_success: bool,
    /// Attempts that failed since the last successful one.
    #[serde(default)]
    pub failures: u32,
    /// When the first of them failed.
    pub failing_since: Option<Timestamp>,
    /// Why the latest of them failed.
    pub last_error: Option<String>,
    /// Until when its circuit is open: it is not called.
    pub open_until: Option<Timestamp>,
    /// Until when its endpoint counts as fast, to a process that has not called it (`known_speed`).
    pub fast_until: Option<Timestamp>,
    /// Until when it is not noted as fast, because it was slow.
    pub slow_until: Option<Timestamp>,
    /// Until when an attempt first reads whether its message was erased, if the message may have been there: [`ERASURE_CHECK`]
    /// after an erasure in the account, and [`EARLIER_EVENTS`] after the webhook was created.
    pub erasure_check_until: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A secret that was replaced and still signs beside the new one.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviousSecret {
    /// Encrypted for [`Webhook::secret_aad`].
    pub secret: EncryptedSecret,
    /// Until when it signs.
    pub until: Timestamp,
}

impl Webhook {
    /// The associated data of the secret's encryption.
    pub fn secret_aad(account: &AccountId, webhook: &WebhookId) -> String {
        format!("{account}/{webhook}/secret")
    }

    /// The secrets that sign at `now`: the current one first.
    pub fn secrets(&self, cipher: &SecretCipher, now: Timestamp) -> Result<Vec<SecretString>, DecryptionError> {
        let aad = Self::secret_aad(&self.account_id, &self.id);
        let encrypted =
            std::iter::once(&self.secret).chain(self.previous_secrets(now).map(|previous| &previous.secret));
        encrypted.map(|secret| cipher.decrypt(secret, &aad)).collect()
    }

    /// The secrets that were replaced and still sign at `now`, newest first.
    pub fn previous_secrets(&self, now: Timestamp) -> impl Iterator<Item = &PreviousSecret> {
        self.previous_secret.iter().chain(&self.earlier_secrets).filter(move |previous| now < previous.until)
    }

    /// An active webhook that has never failed.
    pub fn new(account_id: AccountId, id: WebhookId, url: String, secret: EncryptedSecret, now: Timestamp) -> Self {
        Self {
            id,
            account_id,
            instance_id: None,
            name: None,
            url,
            events: Vec::new(),
            secret,
            previous_secret: None,
            earlier_secrets: Vec::new(),
            active: true,
            disabled_reason: None,
            log_success: false,
            failures: 0,
            failing_since: None,
            last_error: None,
            open_until: None,
            fast_until: None,
            slow_until: None,
            erasure_check_until: None,
            created_at: now,
        }
    }

    /// Whether an attempt first reads whether its message was erased. Otherwise no message of the account was erased for as
    /// long as anything keeps its events, or this one came after the last erasure had ended. Which erasures there were before the
    /// webhook is not known, so its creation counts as one (docs/adr/0045).
    pub fn checks_erasure(&self, message_at: Option<Timestamp>, now: Timestamp) -> bool {
        self.erasure_check_until.is_some_and(|until| {
            let last_erasure = until.minus(ERASURE_CHECK).max(self.created_at);
            now < until && message_at.is_none_or(|at| at < last_erasure.plus(ERASURE_LASTS))
        })
    }

    /// Its key in the table of accounts.
    pub fn key(&self) -> ItemKey {
        match self.instance_id {
            Some(_) => ItemKey::webhook(&self.account_id, &self.id),
            None => ItemKey::operator_webhook(&self.account_id),
        }
    }

    /// Whether it subscribes to this event of this instance.
    pub fn subscribes_to(&self, instance: &InstanceId, event: &str) -> bool {
        self.active && self.instance_id.as_ref() == Some(instance) && self.events.iter().any(|wanted| wanted == event)
    }
}
