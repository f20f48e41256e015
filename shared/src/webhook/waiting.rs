//! Deliveries that wait in their webhook's log, for longer than the queue can hold them. The sparse index `byDue` lists them
//! by account, and the accounts that have any: so that the deliveries of one account, however many, are not in the way of
//! another's (docs/adr/0028).

use std::time::Duration;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::aws::{AccountsTable, Item, ItemKey, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::AccountId;
use crate::webhook::delivery_log::DeliveryLog;

/// The index key of the list of accounts.
const ACCOUNTS: &str = "accounts";
/// The index key of deliveries of all accounts that earlier versions have left waiting: for seven hours at most.
pub const EARLIER: &str = "webhook";
/// How long a process relies on an account being listed.
pub const LISTED: Duration = Duration::from_secs(5 * 60);
/// How long an account stays listed at least: longer than a process relies on it, and than the index may lag behind.
const LISTED_AT_LEAST: Duration = Duration::from_secs(15 * 60);

/// An account with deliveries that wait, or may wait.
#[derive(Clone, Debug)]
pub struct WaitingAccount {
    /// The account.
    pub id: AccountId,
    /// When it was last listed.
    pub listed_at: Timestamp,
}

/// Deliveries that are due, as a queue message: they are moved to the queue in the turn of their account.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DueDeliveries {
    /// Their index key: the account, or [`EARLIER`].
    pub waits: String,
    /// When to leave the rest to the next minute's message.
    pub moved_until: Timestamp,
}

impl WaitingAccount {
    /// Whether it may be removed from the list when nothing of it waits.
    pub fn is_removable(&self, now: Timestamp) -> bool {
        self.listed_at.plus(LISTED_AT_LEAST) <= now
    }
}

impl AccountsTable {
    /// Lists an account with deliveries that wait. Each was put into its log before.
    pub async fn list_waiting(&self, account: &AccountId, now: Timestamp) -> Result<(), TableError> {
        let update = UpdateBuilder::new().set("waits", ACCOUNTS).set("due", now);
        self.update(ItemKey::waiting(account), &update).await.map(drop)
    }

    /// Removes an account from the list, unless it was listed again.
    pub async fn unlist_waiting(&self, account: &WaitingAccount) -> Result<(), TableError> {
        let update = UpdateBuilder::new().remove("waits").remove("due").when_equal("due", account.listed_at);
        self.update(ItemKey::waiting(&account.id), &update).await.map(drop)
    }

    /// The accounts with deliveries that wait.
    pub async fn waiting_accounts(&self) -> Result<Vec<WaitingAccount>, TableError> {
        let items = self.by_due(ACCOUNTS).into_paginator().items().send();
        let items: Vec<Item> = items.try_collect().await.map_err(TableError::unavailable)?;
        let account = |item: &Item| {
            Some(WaitingAccount { id: item.get("pk")?.as_s().ok()?.parse().ok()?, listed_at: due(item)? })
        };
        Ok(items.iter().filter_map(account).collect())
    }

    /// When the first delivery under an index key is due, if any waits.
    pub async fn next_due(&self, waits: &str) -> Result<Option<Timestamp>, TableError> {
        let first = self.by_due(waits).limit(1).send().await.map_err(TableError::unavailable)?;
        Ok(first.items().first().and_then(due))
    }

    /// Rows under an index key with a delivery that is due, the oldest first, at most `limit`; and whether there may be
    /// more.
    pub async fn due_deliveries(
        &self,
        waits: &str,
        now: Timestamp,
        limit: usize,
    ) -> Result<(Vec<(ItemKey, DeliveryLog)>, bool), TableError> {
        let request = self
            .by_due(waits)
            .key_condition_expression("waits = :waits AND due <= :now")
            .expression_attribute_values(":now", AttributeValue::N(now.millis().to_string()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let answer = request.send().await.map_err(TableError::unavailable)?;
        let has_more = answer.last_evaluated_key.is_some();
        let mut rows = Vec::new();
        for item in answer.items.unwrap_or_default() {
            let key = ItemKey::from_item(&item);
            match serde_dynamo::from_item(item) {
                Ok(row) => rows.push((key, row)),
                // An unreadable row must not delay the others.
                Err(error) => tracing::error!(pk = key.pk, sk = key.sk, %error, "delivery_log.row_unreadable"),
            }
        }
        Ok((rows, has_more))
    }

    /// Removes the delivery of a row that was enqueued.
    pub async fn remove_waiting(&self, key: ItemKey, due: Timestamp) -> Result<(), TableError> {
        let update = UpdateBuilder::new().remove("waits").remove("due").remove("retry").when_equal("due", due);
        self.update(key, &update).await.map(drop)
    }

    /// A query for what the index has under a key, the earliest first.
    fn by_due(&self, waits: &str) -> QueryFluentBuilder {
        let query = self.client.query().table_name(&self.name).index_name("byDue");
        let query = query.key_condition_expression("waits = :waits");
        query.expression_attribute_values(":waits", AttributeValue::S(waits.to_owned()))
    }
}

fn due(item: &Item) -> Option<Timestamp> {
    item.get("due")?.as_n().ok()?.parse().ok().map(Timestamp::from_millis)
}
