//! What was given up (the items `dead#…`), for the operator: events after their last attempt, changes of records that can never be
//! published, and what SQS and Lambda have put into the queues of dead letters. The queues hold the same; these rows can be listed, and are
//! kept longer.
//!
//! They hold ids and no content, so that an erasure need not reach them.

use aws_lc_rs::digest;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::aws::{AccountsTable, ItemKey, TableError};
use crate::clock::Timestamp;
use crate::ids::{AccountId, DeadLetterId, InstanceId, MessageId, WebhookId, partition};
use crate::webhook::delivery::WebhookDelivery;
use crate::webhook::record::Webhook;

/// Partitions of the rows: a partition takes 1,000 writes a second, and an account's endpoint may fail for all of its events.
pub const SHARDS: u32 = 16;

/// What was given up.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// Its id.
    pub id: DeadLetterId,
    /// When it was given up.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// Its account; not known of a message's change.
    pub account_id: Option<AccountId>,
    /// The instance that it is about.
    pub instance_id: Option<InstanceId>,
    /// The message that it is about.
    pub message_id: Option<MessageId>,
    /// The webhook that did not get the event.
    pub webhook_id: Option<WebhookId>,
    /// The event's name. Without one it is a change, which would have published events.
    pub event: Option<String>,
    /// The event's id, the `webhook-id`.
    pub event_id: Option<String>,
    /// Attempts that were made.
    pub attempts: Option<u32>,
    /// The queue that it was left in, of what is neither.
    pub queue: Option<String>,
    /// When the table deletes it: seconds since the epoch (DynamoDB's TTL).
    pub forget_at: i64,
}

impl DeadLetter {
    fn new(reason: &str, at: Timestamp, forget_at: Timestamp) -> Self {
        Self {
            id: DeadLetterId::generate(),
            at,
            reason: reason.to_owned(),
            account_id: None,
            instance_id: None,
            message_id: None,
            webhook_id: None,
            event: None,
            event_id: None,
            attempts: None,
            queue: None,
            forget_at: forget_at.secs(),
        }
    }

    /// An event that a webhook does not get.
    pub fn event(
        webhook: &Webhook,
        delivery: &WebhookDelivery,
        reason: &str,
        at: Timestamp,
        forget_at: Timestamp,
    ) -> Self {
        Self {
            account_id: Some(delivery.account_id.clone()),
            instance_id: webhook.instance_id.clone(),
            message_id: delivery.message(),
            webhook_id: Some(delivery.webhook_id.clone()),
            event: Some(delivery.event.clone()),
            event_id: Some(delivery.id.clone()),
            attempts: Some(delivery.attempts),
            ..Self::new(reason, at, forget_at)
        }
    }

    /// A change whose events no webhook gets, by the key of its item in the form of a stream.
    pub fn change(keys: &Value, reason: &str, at: Timestamp, forget_at: Timestamp) -> Self {
        let text = |name: &str| keys[name]["S"].as_str().unwrap_or_default();
        Self {
            account_id: text("pk").parse().ok(),
            instance_id: text("sk").parse().ok(),
            message_id: text("id").parse().ok(),
            ..Self::new(reason, at, forget_at)
        }
    }

    /// A message that is left in a queue, by the ids that its body has, if any. The same message makes the same row.
    pub fn left(
        (queue, message_id): (&str, &str),
        body: &str,
        reason: &str,
        at: Timestamp,
        forget_at: Timestamp,
    ) -> Self {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let objects = || std::iter::once(&body).chain(body.as_object().into_iter().flat_map(|body| body.values()));
        let text = |name: &str| objects().find_map(|object| object[name].as_str()).unwrap_or_default();
        Self {
            id: DeadLetterId::from_bytes(first_bytes(message_id)),
            account_id: text("accountId").parse().ok(),
            instance_id: text("instanceId").parse().ok(),
            message_id: text("messageId").parse().ok(),
            queue: Some(queue.to_owned()),
            ..Self::new(reason, at, forget_at)
        }
    }

    /// Its place in the list.
    pub fn cursor(&self) -> String {
        format!("{:013}.{}", self.at.millis(), self.id)
    }
}

fn first_bytes(id: &str) -> [u8; 16] {
    let hash = digest::digest(&digest::SHA256, id.as_bytes());
    hash.as_ref().first_chunk().copied().unwrap_or_default()
}

impl AccountsTable {
    /// Adds a row.
    pub async fn put_dead_letter(&self, letter: &DeadLetter) -> Result<(), TableError> {
        let shard = partition(letter.id.as_str(), SHARDS);
        self.put(ItemKey::dead_letter(shard, &letter.cursor()), letter).await
    }

    /// The newest rows before the cursor `before`, at most `limit`, and whether there are more.
    pub async fn dead_letters(
        &self,
        before: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<DeadLetter>, bool), TableError> {
        let shards = try_join_all((0..SHARDS).map(|shard| self.dead_letters_of(shard, before, limit + 1))).await?;
        let mut rows = shards.concat();
        rows.sort_by_cached_key(|row| std::cmp::Reverse(row.cursor()));
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        Ok((rows, has_more))
    }

    /// The keys of an account's rows of one shard.
    pub async fn dead_letters_of_account(&self, account: &AccountId, shard: u32) -> Result<Vec<ItemKey>, TableError> {
        let query = self.client.query().table_name(&self.name).projection_expression("pk, sk");
        let query = query.key_condition_expression("pk = :pk").filter_expression("accountId = :account");
        let query = query.expression_attribute_values(":pk", AttributeValue::S(ItemKey::dead_letter(shard, "").pk));
        let query = query.expression_attribute_values(":account", AttributeValue::S(account.to_string()));
        let rows: Result<Vec<_>, _> = query.into_paginator().items().send().try_collect().await;
        Ok(rows.map_err(TableError::unavailable)?.iter().map(ItemKey::from_item).collect())
    }

    async fn dead_letters_of(
        &self,
        shard: u32,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, TableError> {
        let ItemKey { pk, sk: before } = ItemKey::dead_letter(shard, before.unwrap_or("~"));
        let query = self.client.query().table_name(&self.name).scan_index_forward(false);
        let query = query.key_condition_expression("pk = :pk AND sk < :before");
        let query = query.expression_attribute_values(":pk", AttributeValue::S(pk));
        let query = query.expression_attribute_values(":before", AttributeValue::S(before));
        let found = query.limit(i32::try_from(limit).unwrap_or(i32::MAX)).send().await;
        Ok(serde_dynamo::from_items(found.map_err(TableError::unavailable)?.items.unwrap_or_default())?)
    }
}
