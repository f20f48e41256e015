//! Reads and writes of webhooks in the table of accounts.

use futures::future::try_join_all;

use crate::aws::accounts_table::read;
use crate::aws::{AccountsTable, ConditionalWrite, Item, ItemKey, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{AccountId, WebhookId};
use crate::security::EncryptedSecret;
use crate::webhook::record::{ERASURE_CHECK, PreviousSecret, Webhook};

/// What a customer changes of a webhook; absent fields stay.
#[derive(Debug, Default)]
pub struct WebhookChanges {
    /// A new URL.
    pub url: Option<String>,
    /// The events that it subscribes to.
    pub events: Option<Vec<String>>,
    /// A new name.
    pub name: Option<String>,
    /// Whether its log has successful attempts as well.
    pub log_success: Option<bool>,
    /// Whether it is active. Activating it closes its circuit, as if it had never failed.
    pub active: Option<bool>,
}

/// The most secrets that sign beside the current one and the one before it: each makes the header of every event longer.
const MAX_EARLIER_SECRETS: usize = 3;

impl AccountsTable {
    /// A webhook of this account.
    pub async fn webhook(&self, account: &AccountId, id: &WebhookId) -> Result<Option<Webhook>, TableError> {
        self.get(ItemKey::webhook(account, id)).await
    }

    /// The operator's webhook for this account.
    pub async fn operator_webhook(&self, account: &AccountId) -> Result<Option<Webhook>, TableError> {
        self.get(ItemKey::operator_webhook(account)).await
    }

    /// All webhooks of this account.
    pub async fn webhooks(&self, account: &AccountId) -> Result<Vec<Webhook>, TableError> {
        self.query(account.as_str(), WebhookId::PREFIX).await
    }

    /// Writes a webhook.
    pub async fn put_webhook(&self, webhook: &Webhook) -> Result<(), TableError> {
        self.put(webhook.key(), webhook).await
    }

    /// Changes a webhook. `None` when it was deleted.
    pub async fn change_webhook(
        &self,
        webhook: &Webhook,
        changes: WebhookChanges,
    ) -> Result<Option<Webhook>, TableError> {
        let is_other = changes.url.as_ref().is_some_and(|url| *url != webhook.url);
        let update = UpdateBuilder::new();
        let update = if is_other { Webhook::without_speed(update) } else { update };
        let update = update
            .set_some("url", changes.url)
            .set_some("events", changes.events)
            .set_some("name", changes.name)
            .set_some("logSuccess", changes.log_success)
            .set_some("active", changes.active)
            .when_present("pk");
        let update = match (changes.active == Some(true), is_other) {
            (true, _) => Webhook::reset(update),
            (false, true) => Webhook::without_failures(update),
            (false, false) => update,
        };
        if update.is_empty() {
            return Ok(Some(webhook.clone()));
        }
        match self.update(webhook.key(), &update).await? {
            ConditionalWrite::Applied(item) => read(item).map(Some),
            ConditionalWrite::Refused(_) => Ok(None),
        }
    }

    /// Replaces a webhook's secret; the one before it signs beside it until `until`. Refused when the secret was replaced
    /// or the webhook deleted meanwhile: of two rotations at once, one must not lose the other's.
    pub async fn rotate_secret(
        &self,
        webhook: &Webhook,
        secret: EncryptedSecret,
        until: Timestamp,
        earlier: &[&PreviousSecret],
    ) -> Result<ConditionalWrite<Item>, TableError> {
        let earlier = &earlier[..earlier.len().min(MAX_EARLIER_SECRETS)];
        let update = UpdateBuilder::new()
            .set("secret", secret)
            .set("previousSecret", PreviousSecret { secret: webhook.secret.clone(), until })
            .set("earlierSecrets", earlier)
            .when_equal("secret", &webhook.secret);
        self.update(webhook.key(), &update).await
    }

    /// Makes each attempt at the account's webhooks first read whether its message was erased, if it is about a message from
    /// before the end of the erasure that begins now.
    pub async fn check_erasure(&self, account: &AccountId, now: Timestamp) -> Result<(), TableError> {
        let update = UpdateBuilder::new().set("erasureCheckUntil", now.plus(ERASURE_CHECK)).when_present("pk");
        let webhooks = self.webhooks(account).await?;
        try_join_all(webhooks.iter().map(|webhook| self.update(webhook.key(), &update))).await.map(drop)
    }
}
