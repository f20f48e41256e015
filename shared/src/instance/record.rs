//! Instances: the WhatsApp numbers that accounts send from.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::aws::ItemKey;
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId, WebhookId};
use crate::instance::account_state::AccountState;
use crate::json_text::JsonText;
use crate::ledger::SendSlots;
use crate::security::{DecryptionError, EncryptedSecret, SecretCipher};
use crate::whatsapp::PauseReason;

/// By when every process sees a change of an instance, also one of an earlier version, whose cache was 30 seconds old, and whatever its clock.
pub const PAUSE_SEEN: Duration = Duration::from_secs(35);

/// A WhatsApp number that an account sends from.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// Its account.
    pub account_id: AccountId,
    /// The customer's name for it.
    pub name: String,
    /// Whether it can send.
    pub status: ConnectionStatus,
    /// The number and its token, once it was connected.
    pub number: Option<Number>,
    /// The customer's own settings, a JSON object, of which [`Instance::outside_window`] is ours.
    pub settings: Option<JsonText>,
    /// The webhook that was created with it.
    pub webhook_id: Option<WebhookId>,
    /// When it was last connected.
    pub connected_at: Option<Timestamp>,
    /// When it was last disconnected.
    pub disconnected_at: Option<Timestamp>,
    /// Why it was disconnected, if a reason was given.
    pub disconnect_reason: Option<String>,
    /// Until when it is paused: nothing is sent from it.
    #[serde(rename = "holdUntil")]
    pub paused_until: Option<Timestamp>,
    /// WhatsApp's error code that paused it.
    #[serde(rename = "holdCode")]
    pub pause_code: Option<i64>,
    /// The condition of its account that paused it: present until a message, a callback or a connect shows that it is over.
    pub pause_reason: Option<PauseReason>,
    /// When that condition ends by WhatsApp's word, if that is later than `paused_until`: its messages wait in steps.
    pub pause_end: Option<Timestamp>,
    /// Until when a message probes whether it is over.
    pub probe_until: Option<Timestamp>,
    /// WhatsApp's rating of the number's quality, such as `GREEN`.
    pub quality: Option<String>,
    /// How many people may be written to in a day, by WhatsApp's word, such as `TIER_2K`.
    pub messaging_limit: Option<String>,
    /// What happened last to its business account.
    pub account_state: Option<AccountState>,
    /// When that happened.
    pub account_at: Option<Timestamp>,
    /// The reports of that time that were noted, the last few: WhatsApp's times are whole seconds, and it repeats callbacks.
    #[serde(default)]
    pub account_reports: Vec<String>,
    /// When any of these has changed, or the rate of its number.
    pub updated_at: Option<Timestamp>,
    /// Since when its messages may wait in the table because of a pause.
    pub waits_since: Option<Timestamp>,
    /// Until when any of them may wait there.
    pub waits_until: Option<Timestamp>,
    /// Calls to WhatsApp in a row that got no answer: present while its circuit is open, `instance::circuit_breaker`.
    pub unanswered: Option<u32>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Whether an instance can send.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, strum::EnumString, ToSchema)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum ConnectionStatus {
    /// Its number and token were checked with WhatsApp.
    Connected,
    /// Not connected yet, disconnected by the customer, or its token is no longer valid.
    Disconnected,
}

/// A number at WhatsApp.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Number {
    /// WhatsApp's id of it, the `phone_number_id`.
    pub id: String,
    /// The WhatsApp business account that it belongs to.
    pub business_id: String,
    /// Encrypted for [`Instance::token_aad`].
    pub access_token: EncryptedSecret,
    /// Messages a second that WhatsApp accepts from it.
    pub rate: u32,
    /// The number as people dial it.
    pub phone: Option<String>,
    /// The name that WhatsApp shows for it.
    pub profile_name: Option<String>,
}

/// The instance that a WhatsApp number belongs to: one in the whole deployment.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NumberOwner {
    /// The account.
    pub account_id: AccountId,
    /// The instance.
    pub instance_id: InstanceId,
    /// The secret of the Meta app that signs its callbacks, if that is not the deployment's; encrypted for
    /// [`NumberOwner::app_secret_aad`].
    pub app_secret: Option<EncryptedSecret>,
    /// The business account that the number was connected with; earlier versions did not store it here.
    pub business_id: Option<String>,
    /// When a callback of the number was last stored, to within [`NumberOwner::CALLBACK_PRECISION`].
    #[serde(rename = "heardAt")]
    pub last_callback_at: Option<Timestamp>,
    /// Since when the number's callbacks come: since it was connected, and without a silence of [`NumberOwner::MAX_SILENCE`].
    #[serde(rename = "heardSince")]
    pub callbacks_since: Option<Timestamp>,
    /// When a callback about the number was last refused, to within [`NumberOwner::CALLBACK_PRECISION`]: its customer's own app was over
    /// its limit. WhatsApp repeats it for days.
    #[serde(rename = "refusedAt")]
    pub last_refusal_at: Option<Timestamp>,
}

/// The tombstone of the last owner of a WhatsApp number: for a while after the number was freed, its callbacks are not
/// acknowledged, so that WhatsApp repeats them until it has an owner again.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FreedNumber {
    /// The instance that it belonged to.
    pub instance_id: InstanceId,
    /// Until when the number counts as between owners, in seconds since 1970. DynamoDB deletes the item after that.
    pub forget_at: i64,
}

impl Number {
    /// The slots in which its messages leave.
    pub const fn slots(&self) -> SendSlots {
        SendSlots { rate: self.rate }
    }
}

impl NumberOwner {
    /// How precisely the time of the last callback is known: a callback must not cost a write.
    pub const CALLBACK_PRECISION: Duration = Duration::from_secs(10);

    /// The longest time without a callback in which it is not doubted that callbacks come: a number may be quiet over a night and
    /// a day. Each message that is sent brings callbacks.
    pub const MAX_SILENCE: Duration = Duration::from_secs(48 * 60 * 60);

    /// Whether the number's callbacks have come since a time, and still do: whoever has written to it since is known.
    pub fn has_heard_since(&self, time: Timestamp, now: Timestamp) -> bool {
        let is_heard = |at: Timestamp| now < at.plus(Self::MAX_SILENCE);
        self.callbacks_since.is_some_and(|since| since <= time)
            && self.last_callback_at.is_some_and(is_heard)
            && !self.has_refused_since(time)
    }

    /// Whether no callback of the number was stored since a time.
    pub fn is_silent_since(&self, time: Timestamp) -> bool {
        self.last_callback_at.is_none_or(|last| last <= time)
    }

    /// Whether a callback of the number was refused since a time, which WhatsApp may still repeat.
    pub fn has_refused_since(&self, time: Timestamp) -> bool {
        self.last_refusal_at.is_some_and(|at| time <= at.plus(Self::CALLBACK_PRECISION))
    }

    /// Whether the number was connected with this business account.
    pub fn belongs_to(&self, business_id: &str) -> bool {
        self.business_id.as_deref() == Some(business_id)
    }

    /// The associated data of the app secret's encryption.
    pub fn app_secret_aad(number_id: &str) -> String {
        format!("number/{number_id}/appSecret")
    }
}

impl FreedNumber {
    /// How long a number counts as between owners: a token is replaced in minutes, a number is moved in a weekend. WhatsApp
    /// repeats callbacks for seven days.
    pub const BETWEEN_OWNERS: Duration = Duration::from_secs(3 * 24 * 60 * 60);

    /// The tombstone of an instance that loses its number now.
    pub fn new(instance: &InstanceId, now: Timestamp) -> Self {
        Self { instance_id: instance.clone(), forget_at: now.plus(Self::BETWEEN_OWNERS).secs() }
    }

    /// Whether the number counts as between owners.
    pub const fn is_between_owners(&self, now: Timestamp) -> bool {
        now.secs() < self.forget_at
    }
}

impl Instance {
    /// An instance that is not connected yet.
    pub const fn new(account_id: AccountId, id: InstanceId, name: String, now: Timestamp) -> Self {
        Self {
            id,
            account_id,
            name,
            status: ConnectionStatus::Disconnected,
            number: None,
            settings: None,
            webhook_id: None,
            connected_at: None,
            disconnected_at: None,
            disconnect_reason: None,
            paused_until: None,
            pause_code: None,
            pause_reason: None,
            pause_end: None,
            probe_until: None,
            quality: None,
            messaging_limit: None,
            account_state: None,
            account_at: None,
            account_reports: Vec::new(),
            updated_at: None,
            waits_since: None,
            waits_until: None,
            unanswered: None,
            created_at: now,
        }
    }

    /// Its key in the table of accounts.
    pub fn key(&self) -> ItemKey {
        ItemKey::instance(&self.account_id, &self.id)
    }

    /// Its number, while it is connected.
    pub fn connected_number(&self) -> Option<&Number> {
        self.number.as_ref().filter(|_| self.status == ConnectionStatus::Connected)
    }

    /// How much longer it is paused.
    pub fn pause_remaining(&self, now: Timestamp) -> Option<Duration> {
        self.paused_until.map(|until| now.until(until)).filter(|wait| !wait.is_zero())
    }

    /// Whether its express messages may go into the table: every process knows by now that later ones wait behind them.
    pub fn moves_to_table(&self, now: Timestamp) -> bool {
        let is_seen = self.waits_since.is_some_and(|since| since.plus(PAUSE_SEEN) <= now);
        is_seen && self.may_have_waiting(now.plus(PAUSE_SEEN))
    }

    /// Whether a message of it may wait in the table because of a pause.
    pub fn may_have_waiting(&self, now: Timestamp) -> bool {
        self.waits_until.is_some_and(|until| now < until)
    }

    /// The access token of its number.
    pub fn decrypt_token(&self, number: &Number, cipher: &SecretCipher) -> Result<SecretString, DecryptionError> {
        cipher.decrypt(&number.access_token, &Self::token_aad(&self.account_id, &self.id))
    }

    /// The associated data of the access token's encryption.
    pub fn token_aad(account: &AccountId, instance: &InstanceId) -> String {
        format!("{account}/{instance}/accessToken")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_callback_may_be_about_what_is_older() {
        let at = Timestamp::from_secs;
        let mut owner = NumberOwner {
            account_id: AccountId::generate(),
            instance_id: InstanceId::generate(),
            app_secret: None,
            business_id: None,
            last_callback_at: Some(at(500)),
            callbacks_since: None,
            last_refusal_at: None,
        };
        assert!(!owner.is_silent_since(at(499)) && owner.is_silent_since(at(500)));
        owner.callbacks_since = Some(at(0));
        assert!(owner.has_heard_since(at(310), at(600)));
        owner.last_refusal_at = Some(at(300));
        // One that was refused in the ten seconds after that was not noted.
        assert!(owner.has_refused_since(at(310)) && !owner.has_refused_since(at(311)));
        assert!(!owner.has_heard_since(at(310), at(600)), "somebody may have written in it");
    }
}
