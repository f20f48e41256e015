//! The table of accounts: one item read, written, changed or listed by its [`ItemKey`]. What lies in it is in
//! `account_items`.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::account_key::ItemKey;
use crate::change::{Change, Item};
use crate::conditional_write::{TableError, Transacted, Updated, transact, update};
use crate::environment::{self, EnvironmentError};

/// The table of accounts and what they have.
#[derive(Clone, Debug)]
pub struct AccountTable {
    pub(crate) client: Client,
    pub(crate) name: String,
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

    /// An item, as the last write left it.
    pub async fn get<T: DeserializeOwned>(&self, key: ItemKey) -> Result<Option<T>, TableError> {
        let request = self.client.get_item().table_name(&self.name).set_key(Some(key.into())).consistent_read(true);
        let answer = request.send().await.map_err(TableError::unavailable)?;
        Ok(answer.item.map(serde_dynamo::from_item).transpose()?)
    }

    /// Writes an item, whatever was there.
    pub async fn put(&self, key: ItemKey, item: &impl Serialize) -> Result<(), TableError> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(whole(key, item)?));
        request.send().await.map(drop).map_err(TableError::unavailable)
    }

    /// Changes an item, if the change's conditions hold.
    pub async fn change(&self, key: ItemKey, change: &Change) -> Result<Updated, TableError> {
        update(&self.client, &self.name, key.into(), change).await
    }

    /// Removes an item, if it is there.
    pub async fn delete(&self, key: ItemKey) -> Result<(), TableError> {
        let request = self.client.delete_item().table_name(&self.name).set_key(Some(key.into()));
        request.send().await.map(drop).map_err(TableError::unavailable)
    }

    /// All items of a partition whose sort keys begin so, in their order.
    pub async fn all<T: DeserializeOwned>(&self, pk: &str, prefix: &str) -> Result<Vec<T>, TableError> {
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
        let items = pages.try_collect().await.map_err(TableError::unavailable)?;
        Ok(serde_dynamo::from_items(items)?)
    }

    /// Applies all writes or none.
    pub async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Transacted, TableError> {
        transact(&self.client, writes).await
    }

    /// A put as a part of a transaction; with a condition such as `attribute_not_exists(pk)`.
    pub fn put_in_transaction(
        &self,
        key: ItemKey,
        item: &impl Serialize,
        condition: Option<&str>,
    ) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder().table_name(&self.name).set_item(Some(whole(key, item)?));
        let put = put.set_condition_expression(condition.map(str::to_owned)).build();
        Ok(TransactWriteItem::builder().put(put.expect("table and item are set")).build())
    }

    /// A change as a part of a transaction.
    pub fn change_in_transaction(&self, key: ItemKey, change: &Change) -> TransactWriteItem {
        TransactWriteItem::builder().update(self.update_of(key, change)).build()
    }

    /// A removal as a part of a transaction; nothing happens where there is nothing.
    pub fn delete_in_transaction(&self, key: ItemKey) -> TransactWriteItem {
        let delete = Delete::builder().table_name(&self.name).set_key(Some(key.into())).build();
        TransactWriteItem::builder().delete(delete.expect("table and key are set")).build()
    }

    pub(crate) fn update_of(&self, key: ItemKey, change: &Change) -> Update {
        change.in_transaction(&self.name, key.into())
    }
}

/// An item as a write left it.
pub fn read<T: DeserializeOwned>(item: Item) -> Result<T, TableError> {
    Ok(serde_dynamo::from_item(item)?)
}

fn whole(key: ItemKey, item: &impl Serialize) -> Result<Item, TableError> {
    let mut whole: Item = serde_dynamo::to_item(item)?;
    whole.extend(Item::from(key));
    Ok(whole)
}
