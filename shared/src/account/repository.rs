//! Reads and writes of accounts and their API keys in the table of accounts.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use serde::Serialize;

use crate::account::api_key::{ApiKey, KeyHash, KeyListing};
use crate::account::plan::Plan;
use crate::account::record::Account;
use crate::aws::accounts_table::read;
use crate::aws::{ACCOUNT, AccountsTable, ConditionalWrite, ItemKey, TableError, UpdateBuilder};
use crate::clock;
use crate::ids::{AccountId, KeyId};

/// What the operator changes of an account; absent fields stay.
#[derive(Debug)]
pub struct AccountChanges {
    /// A new name.
    pub name: Option<String>,
    /// A new plan. With any but `enterprise`, the account's own figure is removed.
    pub plan: Option<Plan>,
    /// A new figure of its own.
    pub requests_per_minute: Option<u32>,
    /// Whether callbacks that only an app of its own has signed refund credits.
    pub trust_own_app: Option<bool>,
}

impl AccountsTable {
    /// An account.
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>, TableError> {
        self.get(ItemKey::account(id)).await
    }

    /// Writes an account, and its `kind`, by which all accounts are listed.
    pub async fn put_account(&self, account: &Account) -> Result<(), TableError> {
        #[derive(Serialize)]
        struct Indexed<'a> {
            kind: &'static str,
            #[serde(flatten)]
            account: &'a Account,
        }
        self.put(ItemKey::account(&account.id), &Indexed { kind: ACCOUNT, account }).await
    }

    /// Changes an account. `None` when it no longer has the plan with which the changes were checked.
    pub async fn change_account(
        &self,
        account: Account,
        changes: AccountChanges,
    ) -> Result<Option<Account>, TableError> {
        let update = UpdateBuilder::new()
            .set_some("name", changes.name)
            .set_some("plan", changes.plan)
            .set_some("trustOwnApp", changes.trust_own_app);
        let update = match changes.requests_per_minute {
            None if changes.plan.is_some_and(|plan| plan != Plan::Enterprise) => update.remove("requestsPerMinute"),
            rate => update.set_some("requestsPerMinute", rate),
        };
        if update.is_empty() {
            return Ok(Some(account));
        }
        let update = update.when_equal("plan", account.plan);
        Ok(match self.update(ItemKey::account(&account.id), &update).await? {
            ConditionalWrite::Applied(item) => Some(read(item)?),
            ConditionalWrite::Refused(_) => None,
        })
    }

    /// Writes an API key under its hash and into its account's list, both or neither.
    pub async fn put_api_key(&self, hash: &KeyHash, key: &ApiKey) -> Result<(), TableError> {
        self.transact(self.new_api_key(hash, key)?.into()).await.map(drop)
    }

    /// The same as parts of a transaction.
    pub fn new_api_key(&self, hash: &KeyHash, key: &ApiKey) -> Result<[TransactWriteItem; 2], TableError> {
        let listing = KeyListing { key: key.clone(), hash: hash.as_str().to_owned(), last_used_at: None };
        let listed = self.put_in_transaction(ItemKey::key_listing(&key.account_id, &key.id), &listing)?;
        Ok([self.put_in_transaction(ItemKey::api_key(hash.as_str()), key)?, listed])
    }

    /// All API keys of an account.
    pub async fn api_keys(&self, account: &AccountId) -> Result<Vec<KeyListing>, TableError> {
        self.query(account.as_str(), KeyId::PREFIX).await
    }

    /// Notes in its account's list that an API key is used, unless that was noted within `precision`. A revoked key stays revoked.
    pub async fn note_key_use(&self, account: &AccountId, key: &KeyId, precision: Duration) -> Result<(), TableError> {
        let now = clock::now();
        let note = UpdateBuilder::new().set("lastUsedAt", now).when_present("hash");
        let note = note.when_absent_or_at_most("lastUsedAt", now.minus(precision));
        self.update(ItemKey::key_listing(account, key), &note).await.map(drop)
    }

    /// An API key in its account's list.
    pub async fn key_listing(&self, account: &AccountId, id: &KeyId) -> Result<Option<KeyListing>, TableError> {
        self.get(ItemKey::key_listing(account, id)).await
    }

    /// Revokes an API key: both its items, or neither.
    pub async fn revoke_api_key(&self, KeyListing { key, hash, .. }: &KeyListing) -> Result<(), TableError> {
        let items = [ItemKey::api_key(hash), ItemKey::key_listing(&key.account_id, &key.id)];
        self.transact(items.map(|item| self.delete_in_transaction(item)).into()).await.map(drop)
    }

    /// Accounts in the order of their ids, after `after`, at most `limit`; and whether there are more.
    pub async fn account_ids(
        &self,
        after: Option<&AccountId>,
        limit: usize,
    ) -> Result<(Vec<AccountId>, bool), TableError> {
        self.ids_by_kind(ACCOUNT, after, Some(limit)).await
    }

    /// The accounts that have an item of a kind (index `byKind`), in the order of their ids, after `after`, at most `limit`;
    /// and whether there are more.
    pub(crate) async fn ids_by_kind(
        &self,
        kind: &str,
        after: Option<&AccountId>,
        limit: Option<usize>,
    ) -> Result<(Vec<AccountId>, bool), TableError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let start = after.map(|id| {
            HashMap::from(
                [("kind", kind), ("pk", id.as_str()), ("sk", kind)].map(|(name, value)| (name.to_owned(), text(value))),
            )
        });
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("byKind")
            .key_condition_expression("kind = :kind")
            .expression_attribute_values(":kind", text(kind))
            .set_exclusive_start_key(start)
            .into_paginator()
            .items()
            .send();
        let mut accounts = Vec::new();
        while let Some(item) = pages.try_next().await.map_err(TableError::unavailable)? {
            if limit.is_some_and(|limit| accounts.len() == limit) {
                return Ok((accounts, true));
            }
            accounts.extend(item.get("pk").and_then(|pk| pk.as_s().ok()?.parse().ok()));
        }
        Ok((accounts, false))
    }
}
