//! The table of accounts: one partition an account, so that another account's id finds nothing.
//!
//! | pk | sk | item |
//! |---|---|---|
//! | `acc_…` | `account` | [`Account`] |
//! | `acc_…` | `meter` | [`Meter`] |
//! | `acc_…` | `inst_…` | [`Instance`] |
//! | `acc_…` | `wh_…` | [`Webhook`] |
//! | `key#<hash>` | `key` | [`ApiKey`] |

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Update};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::account::{Account, ApiKey, Instance, Webhook};
use crate::api_key::KeyHash;
use crate::change::Change;
use crate::conditional_write::{TableError, Updated, update};
use crate::environment::{self, EnvironmentError};
use crate::ids::{AccountId, InstanceId, WebhookId};
use crate::meter::{self, Meter};

/// The table of accounts and what they have.
#[derive(Clone, Debug)]
pub struct AccountTable {
    client: Client,
    name: String,
}

impl AccountTable {
    /// The table that `ACCOUNTS_TABLE` names.
    pub fn from_environment(client: Client) -> Result<Self, EnvironmentError> {
        Ok(Self { client, name: environment::text("ACCOUNTS_TABLE")? })
    }

    /// A table by name.
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// An account.
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>, TableError> {
        self.get(id.as_str(), "account").await
    }

    /// The key with this hash.
    pub async fn key(&self, hash: &KeyHash) -> Result<Option<ApiKey>, TableError> {
        self.get(&key_partition(hash), "key").await
    }

    /// An instance of this account.
    pub async fn instance(&self, account: &AccountId, id: &InstanceId) -> Result<Option<Instance>, TableError> {
        self.get(account.as_str(), id.as_str()).await
    }

    /// A webhook of this account.
    pub async fn webhook(&self, account: &AccountId, id: &WebhookId) -> Result<Option<Webhook>, TableError> {
        self.get(account.as_str(), id.as_str()).await
    }

    /// All webhooks of this account.
    pub async fn webhooks(&self, account: &AccountId) -> Result<Vec<Webhook>, TableError> {
        let pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :account AND begins_with(sk, :kind)")
            .expression_attribute_values(":account", AttributeValue::S(account.to_string()))
            .expression_attribute_values(":kind", AttributeValue::S(WebhookId::PREFIX.to_owned()))
            .into_paginator()
            .items()
            .send();
        let items = pages.try_collect().await.map_err(TableError::unavailable)?;
        Ok(serde_dynamo::from_items(items)?)
    }

    /// Writes an account.
    pub async fn put_account(&self, account: &Account) -> Result<(), TableError> {
        #[derive(Serialize)]
        struct Listed<'a> {
            kind: &'static str,
            #[serde(flatten)]
            account: &'a Account,
        }
        self.put(account.id.as_str(), "account", &Listed { kind: "account", account }).await
    }

    /// Gives an account a meter with credits, unless it has one.
    pub async fn open_meter(&self, account: &AccountId, credits: i64) -> Result<(), TableError> {
        let change = Change::new().set("credits", credits).set("kind", meter::SORT_KEY).when_absent("credits");
        self.change_meter(account, &change).await.map(drop)
    }

    /// Writes a key under its hash.
    pub async fn put_key(&self, hash: &KeyHash, key: &ApiKey) -> Result<(), TableError> {
        self.put(&key_partition(hash), "key", key).await
    }

    /// Writes an instance.
    pub async fn put_instance(&self, instance: &Instance) -> Result<(), TableError> {
        self.put(instance.account_id.as_str(), instance.id.as_str(), instance).await
    }

    /// Writes a webhook.
    pub async fn put_webhook(&self, webhook: &Webhook) -> Result<(), TableError> {
        self.put(webhook.account_id.as_str(), webhook.id.as_str(), webhook).await
    }

    /// Removes a webhook.
    pub async fn delete_webhook(&self, account: &AccountId, id: &WebhookId) -> Result<(), TableError> {
        let request = self.client.delete_item().table_name(&self.name);
        let request = request.key("pk", AttributeValue::S(account.to_string()));
        request.key("sk", AttributeValue::S(id.to_string())).send().await.map(drop).map_err(TableError::unavailable)
    }

    /// An account's meter, as the last write left it.
    pub async fn meter(&self, account: &AccountId) -> Result<Option<Meter>, TableError> {
        let request = self.client.get_item().table_name(&self.name).set_key(Some(meter::key(account)));
        let answer = request.consistent_read(true).send().await.map_err(TableError::unavailable)?;
        Ok(answer.item.as_ref().map(Meter::of_item))
    }

    /// All meters, with their accounts.
    pub async fn meters(&self) -> Result<Vec<(AccountId, Meter)>, TableError> {
        let keys = self.list(meter::SORT_KEY, None, None).await?.0;
        let mut meters = Vec::new();
        for account in keys {
            meters.extend(self.meter(&account).await?.map(|meter| (account, meter)));
        }
        Ok(meters)
    }

    /// The accounts that have an item of a kind, in the order of their ids, after `after`, at most `most`; and whether
    /// there are more.
    pub async fn list(
        &self,
        kind: &str,
        after: Option<&AccountId>,
        most: Option<usize>,
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
            if most.is_some_and(|most| accounts.len() == most) {
                return Ok((accounts, true));
            }
            accounts.extend(item.get("pk").and_then(|pk| pk.as_s().ok()?.parse().ok()));
        }
        Ok((accounts, false))
    }

    /// Gives a charge back, if it is still reserved: once, however often it is asked for.
    pub async fn give_back(&self, account: &AccountId, nonce: &str) -> Result<(), TableError> {
        let reservation = meter::of_reservation(nonce);
        let change = Change::new().add("credits", 1).remove(&reservation).when_present(&reservation);
        self.change_meter(account, &change).await.map(drop)
    }

    /// Changes an account's meter.
    pub async fn change_meter(&self, account: &AccountId, change: &Change) -> Result<Updated, TableError> {
        update(&self.client, &self.name, meter::key(account), change).await
    }

    /// A change of an account's meter as a part of a transaction.
    pub fn meter_in_transaction(&self, account: &AccountId, change: &Change) -> Update {
        change.in_transaction(&self.name, meter::key(account))
    }

    async fn get<T: DeserializeOwned>(&self, pk: &str, sk: &str) -> Result<Option<T>, TableError> {
        let request = self.client.get_item().table_name(&self.name);
        let request = request.key("pk", AttributeValue::S(pk.to_owned())).key("sk", AttributeValue::S(sk.to_owned()));
        let answer = request.send().await.map_err(TableError::unavailable)?;
        Ok(answer.item.map(serde_dynamo::from_item).transpose()?)
    }

    async fn put(&self, pk: &str, sk: &str, item: &impl Serialize) -> Result<(), TableError> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(serde_dynamo::to_item(item)?));
        let request = request.item("pk", AttributeValue::S(pk.to_owned())).item("sk", AttributeValue::S(sk.to_owned()));
        request.send().await.map_err(TableError::unavailable)?;
        Ok(())
    }
}

fn key_partition(hash: &KeyHash) -> String {
    format!("key#{}", hash.as_str())
}
