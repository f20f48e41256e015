//! Inbound URLs: tokens that act for the API key that created them, and only send from one instance.

use aws_sdk_dynamodb::types::TransactWriteItem;
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};

use crate::account::api_key::{ApiKey, KeyHash};
use crate::aws::{AccountsTable, INBOUND_URL, ItemKey, TableError};
use crate::ids::{AccountId, InstanceId, WebhookId};

/// An inbound URL in its account's list.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InboundUrlListing {
    /// Its id, of the same kind as a webhook's.
    pub id: WebhookId,
    /// The instance that it sends from.
    pub instance_id: Option<InstanceId>,
    /// The hash of its token.
    pub hash: String,
    /// Its token's record, which earlier versions did not list.
    pub key: Option<ApiKey>,
}

impl AccountsTable {
    /// A new inbound URL, under its token's hash and in its account's list: parts of one transaction.
    pub fn new_inbound_url(
        &self,
        id: &WebhookId,
        hash: &KeyHash,
        key: &ApiKey,
    ) -> Result<[TransactWriteItem; 2], TableError> {
        let listing = InboundUrlListing {
            id: id.clone(),
            instance_id: key.instance_id.clone(),
            hash: hash.as_str().to_owned(),
            key: Some(key.clone()),
        };
        let listed = self.put_in_transaction(ItemKey::inbound_url_listing(&key.account_id, id), &listing)?;
        let stored = self.put_in_transaction(ItemKey::inbound_url(hash.as_str()), key)?;
        Ok([stored, listed])
    }

    /// All inbound URLs of an account.
    pub async fn inbound_url_listings(&self, account: &AccountId) -> Result<Vec<InboundUrlListing>, TableError> {
        self.query(account.as_str(), INBOUND_URL).await
    }

    /// All inbound URLs of an account with the records of their tokens.
    pub async fn inbound_urls(&self, account: &AccountId) -> Result<Vec<(WebhookId, ApiKey)>, TableError> {
        let listings = self.inbound_url_listings(account).await?;
        let urls = try_join_all(listings.into_iter().map(async |InboundUrlListing { id, hash, key, .. }| {
            let key = if key.is_some() { key } else { self.get(ItemKey::inbound_url(&hash)).await? };
            Ok::<_, TableError>(key.map(|key| (id, key)))
        }));
        Ok(urls.await?.into_iter().flatten().collect())
    }

    /// An inbound URL in its account's list.
    pub async fn inbound_url_listing(
        &self,
        account: &AccountId,
        id: &WebhookId,
    ) -> Result<Option<InboundUrlListing>, TableError> {
        self.get(ItemKey::inbound_url_listing(account, id)).await
    }

    /// Deletes an inbound URL: both its items, or neither.
    pub async fn delete_inbound_url(&self, account: &AccountId, url: &InboundUrlListing) -> Result<(), TableError> {
        let items = [ItemKey::inbound_url(&url.hash), ItemKey::inbound_url_listing(account, &url.id)];
        self.transact(items.map(|item| self.delete_in_transaction(item)).into()).await.map(drop)
    }
}
