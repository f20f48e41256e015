//! Which ledgers may hold something that `settle` has to finish: reservations, and instances in the bulk lane.
//!
//! Each charge marks its ledger as active and notes the time. The mark is the key of the sparse index `byActivity`, and a
//! mark that is there already costs no write of the index. `settle` removes it from a ledger with nothing open that was not
//! charged for a while.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::aws::{ItemKey, LEDGER, TableError, UpdateBuilder, has_entries};
use crate::clock::Timestamp;
use crate::ids::{AccountId, partition};
use crate::ledger::credits::Ledger;
use crate::ledger::ledger_item::{ACTIVE, CHARGED_AT, LedgerItem};
use crate::ledger::reservation::RESERVATIONS;

/// Partitions of the index: a partition takes 1,000 writes a second, and accounts may all begin to send at nine o'clock.
pub const ACTIVITY_SHARDS: u32 = 16;
/// How long a ledger stays in the index after its last charge. To take it out and put it in again costs two writes, as much
/// as reading it about every minute for this long.
pub const INACTIVE_AFTER: Duration = Duration::from_secs(600);

/// The mark of an account's ledger.
pub fn activity_shard(account: &AccountId) -> String {
    shard(partition(account.as_str(), ACTIVITY_SHARDS))
}

fn shard(number: u32) -> String {
    format!("{LEDGER}#{number}")
}

impl Ledger {
    /// Whether any ledger is active: one read instead of one for each shard.
    pub async fn any_is_active(&self) -> Result<bool, TableError> {
        has_entries(&self.accounts.client, &self.accounts.name, "byActivity").await
    }

    /// The accounts whose ledgers are active, of one shard of the index.
    pub async fn active_accounts(&self, number: u32) -> Result<Vec<AccountId>, TableError> {
        let query = self.accounts.client.query().table_name(&self.accounts.name).index_name("byActivity");
        let query = query.key_condition_expression("activity = :shard");
        let query = query.expression_attribute_values(":shard", AttributeValue::S(shard(number)));
        let items = query.into_paginator().items().send().try_collect().await.map_err(TableError::unavailable)?;
        Ok(items.iter().filter_map(|item| item.get("pk")?.as_s().ok()?.parse().ok()).collect())
    }

    /// At most `limit` accounts with a ledger from a place at random: finds what is not marked, such as what an earlier
    /// version has charged.
    pub async fn any_accounts(&self, limit: usize) -> Result<Vec<AccountId>, TableError> {
        let place = AccountId::generate();
        let (mut accounts, _) = self.accounts.ids_by_kind(LEDGER, Some(&place), Some(limit)).await?;
        if accounts.len() < limit {
            let (first, _) = self.accounts.ids_by_kind(LEDGER, None, Some(limit - accounts.len())).await?;
            accounts.extend(first);
        }
        Ok(accounts)
    }

    /// Takes a ledger with nothing open out of the index, unless it was charged since it was read.
    pub async fn rest(&self, account: &AccountId, ledger: &LedgerItem) -> Result<(), TableError> {
        let Some(charged_at) = ledger.charged_at else { return Ok(()) };
        let rest = UpdateBuilder::new().remove(ACTIVE).when_equal(CHARGED_AT, charged_at).when_fewer(RESERVATIONS, 1);
        self.accounts.update(ItemKey::ledger(account), &rest).await.map(drop)
    }
}

impl LedgerItem {
    /// Whether it is in the index although it was not charged for a while.
    pub fn may_rest(&self, now: Timestamp) -> bool {
        self.is_active && self.charged_at.is_some_and(|at| at.plus(INACTIVE_AFTER) < now)
    }
}
