//! Deleted webhooks: what leads to their logs and replays, which are kept for a while (the items `former#wh_…`).

use serde::{Deserialize, Serialize};

use crate::aws::{AccountsTable, FORMER_WEBHOOK, ItemKey, TableError};
use crate::clock::Timestamp;
use crate::ids::{AccountId, WebhookId};

/// A deleted webhook.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedWebhook {
    /// Its id.
    pub id: WebhookId,
    /// When the table deletes this: seconds since the epoch (DynamoDB's TTL). No row of its log is kept longer.
    pub forget_at: i64,
}

impl AccountsTable {
    /// Deletes a webhook, whose log is kept until `forget_at` at most.
    pub async fn delete_webhook(
        &self,
        account: &AccountId,
        id: &WebhookId,
        forget_at: Timestamp,
    ) -> Result<(), TableError> {
        self.delete_webhook_with_key(account, (id, ItemKey::webhook(account, id)), forget_at).await
    }

    /// The same of the operator's webhook for an account.
    pub async fn delete_operator_webhook(
        &self,
        account: &AccountId,
        id: &WebhookId,
        forget_at: Timestamp,
    ) -> Result<(), TableError> {
        self.delete_webhook_with_key(account, (id, ItemKey::operator_webhook(account)), forget_at).await
    }

    async fn delete_webhook_with_key(
        &self,
        account: &AccountId,
        (id, key): (&WebhookId, ItemKey),
        forget_at: Timestamp,
    ) -> Result<(), TableError> {
        let former = DeletedWebhook { id: id.clone(), forget_at: forget_at.secs() };
        let former = self.put_in_transaction(ItemKey::former_webhook(account, id), &former)?;
        self.transact(vec![former, self.delete_in_transaction(key)]).await.map(drop)
    }

    /// This account's deleted webhooks of which a log may be kept.
    pub async fn former_webhooks(&self, account: &AccountId) -> Result<Vec<DeletedWebhook>, TableError> {
        self.query(account.as_str(), FORMER_WEBHOOK).await
    }
}
