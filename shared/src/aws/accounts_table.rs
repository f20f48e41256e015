//! The table of accounts: one item read, written, updated or listed by its [`ItemKey`].
//!
//! `item_keys` lists the items; the module that owns an item defines what it means.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put, Select, TransactWriteItem};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::aws::batch_delete::delete_batch;
use crate::aws::conditional_write::{ConditionalWrite, RefusedWrite, TableError, transact, update};
use crate::aws::environment::{self, EnvironmentError};
use crate::aws::item_keys::ItemKey;
use crate::aws::update::{Item, UpdateBuilder};

/// The attribute by which the table deletes an item: seconds since the epoch.
pub const FORGET_AT: &str = "forgetAt";

/// The table of accounts and everything that belongs to them.
#[derive(Clone, Debug)]
pub struct AccountsTable {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl AccountsTable {
    /// The table that `ACCOUNTS_TABLE` names.
    pub fn from_environment(client: Client) -> Result<Self, EnvironmentError> {
        Ok(Self { client, name: environment::text("ACCOUNTS_TABLE")? })
    }

    /// A table by name.
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Reads an item, strongly consistent.
    pub async fn get<T: DeserializeOwned>(&self, key: ItemKey) -> Result<Option<T>, TableError> {
        self.get_item(key, true).await
    }

    /// Reads an item, eventually consistent: at half the price.
    pub async fn get_eventually<T: DeserializeOwned>(&self, key: ItemKey) -> Result<Option<T>, TableError> {
        self.get_item(key, false).await
    }

    async fn get_item<T: DeserializeOwned>(&self, key: ItemKey, consistent: bool) -> Result<Option<T>, TableError> {
        let request =
            self.client.get_item().table_name(&self.name).set_key(Some(key.into())).consistent_read(consistent);
        let response = request.send().await.map_err(TableError::unavailable)?;
        Ok(response.item.map(serde_dynamo::from_item).transpose()?)
    }

    /// Writes an item, replacing one that is there.
    pub async fn put(&self, key: ItemKey, item: &impl Serialize) -> Result<(), TableError> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(with_key(key, item)?));
        request.send().await.map(drop).map_err(TableError::unavailable)
    }

    /// Updates an item, if the conditions hold.
    pub async fn update(&self, key: ItemKey, builder: &UpdateBuilder) -> Result<ConditionalWrite<Item>, TableError> {
        update(&self.client, &self.name, key.into(), builder).await
    }

    /// Deletes an item, if it is there.
    pub async fn delete(&self, key: ItemKey) -> Result<(), TableError> {
        let request = self.client.delete_item().table_name(&self.name).set_key(Some(key.into()));
        request.send().await.map(drop).map_err(TableError::unavailable)
    }

    /// Deletes the items with these keys, whatever they are by then.
    pub async fn delete_all(&self, keys: Vec<ItemKey>) -> Result<(), TableError> {
        delete_batch(&self.client, &self.name, keys.into_iter().map(Item::from).collect()).await
    }

    /// The keys of a partition's items after the sort key `after`, at most `limit`, in their order. Strongly consistent.
    pub async fn keys(&self, pk: &str, after: &str, limit: usize) -> Result<Vec<ItemKey>, TableError> {
        let query = self.client.query().table_name(&self.name).consistent_read(true).projection_expression("pk, sk");
        let query = query.key_condition_expression("pk = :pk AND sk > :after");
        let query = query.expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()));
        let query = query.expression_attribute_values(":after", AttributeValue::S(after.to_owned()));
        let answer = query.limit(i32::try_from(limit).unwrap_or(i32::MAX)).send().await;
        Ok(answer.map_err(TableError::unavailable)?.items().iter().map(ItemKey::from_item).collect())
    }

    /// Reads all items of a partition whose sort keys begin with `prefix`, in the order of their keys.
    pub async fn query<T: DeserializeOwned>(&self, pk: &str, prefix: &str) -> Result<Vec<T>, TableError> {
        Ok(serde_dynamo::from_items(self.query_items(pk, prefix).await?)?)
    }

    /// Reads the same items as they are.
    pub async fn query_items(&self, pk: &str, prefix: &str) -> Result<Vec<Item>, TableError> {
        let pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        pages.try_collect().await.map_err(TableError::unavailable)
    }

    /// Counts the same items.
    pub async fn count(&self, pk: &str, prefix: &str) -> Result<usize, TableError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .select(Select::Count)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
            .consistent_read(true)
            .into_paginator()
            .send();
        let mut count = 0;
        while let Some(page) = pages.try_next().await.map_err(TableError::unavailable)? {
            count += usize::try_from(page.count).unwrap_or_default();
        }
        Ok(count)
    }

    /// Applies all writes or none.
    pub async fn transact(
        &self,
        writes: Vec<TransactWriteItem>,
    ) -> Result<ConditionalWrite<(), RefusedWrite>, TableError> {
        transact(&self.client, writes).await
    }

    /// An unconditional put as part of a transaction.
    pub fn put_in_transaction(&self, key: ItemKey, item: &impl Serialize) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder().table_name(&self.name).set_item(Some(with_key(key, item)?)).build();
        Ok(TransactWriteItem::builder().put(put.expect("table and item are set")).build())
    }

    /// An update as part of a transaction.
    pub fn update_in_transaction(&self, key: ItemKey, builder: &UpdateBuilder) -> TransactWriteItem {
        builder.in_transaction(&self.name, key.into())
    }

    /// A deletion as part of a transaction; without effect where there is no item.
    pub fn delete_in_transaction(&self, key: ItemKey) -> TransactWriteItem {
        self.delete_in_transaction_when(key, &UpdateBuilder::new())
    }

    /// A deletion under conditions as part of a transaction.
    pub fn delete_in_transaction_when(&self, key: ItemKey, conditions: &UpdateBuilder) -> TransactWriteItem {
        conditions.deletion_in_transaction(&self.name, key.into())
    }
}

/// Reads an item that a write returned.
pub fn read<T: DeserializeOwned>(item: Item) -> Result<T, TableError> {
    Ok(serde_dynamo::from_item(item)?)
}

fn with_key(key: ItemKey, item: &impl Serialize) -> Result<Item, TableError> {
    let mut complete: Item = serde_dynamo::to_item(item)?;
    complete.extend(Item::from(key));
    Ok(complete)
}
