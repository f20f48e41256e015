//! What is left to do about a batch: an item that exists until its last message has left or failed. `settle` finds it by the
//! sparse index `byDue`.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::aws::{AccountsTable, ItemKey, TableError};
use crate::batch::record::Batch;
use crate::clock::Timestamp;
use crate::ids::{AccountId, BatchId, InstanceId, partition};

/// Partitions of the index.
pub const BATCH_SHARDS: u32 = 8;
/// The most open batches of an instance, soon a million messages: `settle` reads all of them each minute.
pub const MAX_OPEN_BATCHES: usize = 1000;
/// The first pause before a batch is looked at again of which messages are still on their way.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
/// The longest one.
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);

/// An open batch.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenBatch {
    /// The batch.
    pub id: BatchId,
    /// Its account.
    pub account_id: AccountId,
    /// The instance that it leaves from.
    pub instance_id: InstanceId,
    /// See [`Batch::recipients`].
    pub recipients: u16,
    /// The messages of the rows before this one were enqueued.
    pub next: u16,
    /// Nothing is left to be sent of the rows before this one.
    pub ended: u16,
    /// How often it was looked at since the last was enqueued.
    pub looks: u32,
    /// When it was requested.
    pub created_at: Timestamp,
    /// When it is to begin, if that was in the future.
    pub send_at: Option<Timestamp>,
    /// Until when its messages may be sent.
    pub deadline: Timestamp,
    /// Whether its customer cancelled it.
    #[serde(default)]
    pub is_canceled: bool,
    /// Partition of the index `byDue`.
    pub waits: String,
    /// When there is something to do, in milliseconds.
    pub due: i64,
}

impl OpenBatch {
    /// A batch of which nothing was enqueued.
    pub fn new(batch: &Batch) -> Self {
        Self {
            id: batch.id.clone(),
            account_id: batch.account_id.clone(),
            instance_id: batch.instance_id.clone(),
            recipients: batch.recipients,
            next: 0,
            ended: 0,
            looks: 0,
            created_at: batch.created_at,
            send_at: batch.send_at,
            deadline: batch.deadline,
            is_canceled: false,
            waits: shard(partition(batch.instance_id.as_str(), BATCH_SHARDS)),
            due: batch.send_at.unwrap_or(batch.created_at).millis(),
        }
    }

    /// Its key in the table of accounts.
    pub fn key(&self) -> ItemKey {
        ItemKey::open_batch(&self.account_id, &self.instance_id, &self.id)
    }

    /// Its `sendAt`, while that is what it waits for.
    pub fn begins_at(&self) -> Option<Timestamp> {
        self.send_at.filter(|send_at| self.next == 0 && self.due == send_at.millis())
    }

    /// Messages that were not enqueued.
    pub const fn left(&self) -> u16 {
        self.recipients.saturating_sub(self.next)
    }

    /// The pause before it is looked at again.
    pub fn pause(&self) -> Duration {
        FIRST_PAUSE.saturating_mul(1 << self.looks.min(5)).min(LONGEST_PAUSE)
    }
}

fn shard(number: u32) -> String {
    format!("batches#{number}")
}

impl AccountsTable {
    /// The open batches of an instance, strongly consistent.
    pub async fn open_batches(&self, account: &AccountId, instance: &InstanceId) -> Result<Vec<OpenBatch>, TableError> {
        self.query(&ItemKey::batch_partition(account), &ItemKey::open_batches(instance)).await
    }

    /// How many they are.
    pub async fn count_open_batches(&self, account: &AccountId, instance: &InstanceId) -> Result<usize, TableError> {
        self.count(&ItemKey::batch_partition(account), &ItemKey::open_batches(instance)).await
    }

    /// The open batches of a shard with something to do by a time, longest ago first.
    pub async fn due_batches(&self, number: u32, until: Timestamp) -> Result<Vec<OpenBatch>, TableError> {
        let query = self.client.query().table_name(&self.name).index_name("byDue");
        let query = query.key_condition_expression("#waits = :shard AND #due <= :until");
        let query = query.expression_attribute_names("#waits", "waits").expression_attribute_names("#due", "due");
        let query = query.expression_attribute_values(":shard", AttributeValue::S(shard(number)));
        let query = query.expression_attribute_values(":until", AttributeValue::N(until.millis().to_string()));
        let items = query.into_paginator().items().send().try_collect().await.map_err(TableError::unavailable)?;
        Ok(serde_dynamo::from_items(items)?)
    }
}
