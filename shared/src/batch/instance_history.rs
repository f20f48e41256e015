//! The history of an instance: the messages that the index `byInstance` lists, and those of its batches, which it does not
//! (docs/adr/0067).

use std::collections::HashSet;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::try_join;
use serde::{Deserialize, Serialize};

use crate::aws::{AccountsTable, ItemKey, TableError, UpdateBuilder};
use crate::batch::record::{Batch, list_key};
use crate::batch::row_set::RowSet;
use crate::clock::{self, Timestamp};
use crate::ids::{AccountId, BatchId, InstanceId, MessageId};
use crate::message::batch_row::{BatchRow, row_ids};
use crate::message::history_span::ids_of;
use crate::message::record_keys::history_key;
use crate::message::{Entry, HistoryPage, Message, MessageRepository, Span};

/// Batches that are read at a time: one may have a thousand messages, or one.
const BATCHES: i32 = 25;

/// A batch in the history of its instance.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchOfInstance {
    id: BatchId,
    created_at: Timestamp,
    rows: RowSet,
    forget_at: i64,
}

impl BatchOfInstance {
    /// The item of a batch that is accepted.
    pub fn new(batch: &Batch) -> Self {
        let rejected: HashSet<u16> = batch.rejections.list().iter().map(|rejection| rejection.index).collect();
        let rows = (0..batch.recipients).filter(|row| !rejected.contains(row)).collect();
        Self { id: batch.id.clone(), created_at: batch.created_at, rows, forget_at: batch.forget_at }
    }

    /// Its key in the table of accounts.
    pub fn key(batch: &Batch) -> ItemKey {
        ItemKey::batch_of_instance(&batch.account_id, &batch.instance_id, &batch.list_key())
    }

    /// What sorts it among the batches of its instance.
    pub fn list_key(&self) -> String {
        list_key(self.created_at, &self.id)
    }

    /// The ids of its messages.
    pub fn message_ids(&self) -> Vec<MessageId> {
        row_ids(&self.id, self.rows.rows())
    }

    /// Its messages in a history.
    fn entries(&self) -> impl Iterator<Item = Entry> {
        self.message_ids().into_iter().map(|id| Entry { key: history_key(self.created_at, &id), id })
    }
}

/// The messages of an instance, sorted by when they were accepted or received.
#[derive(Clone, Copy, Debug)]
pub struct InstanceHistory<'a> {
    /// The messages.
    pub messages: &'a MessageRepository,
    /// The batches.
    pub accounts: &'a AccountsTable,
    /// The instance's account.
    pub account: &'a AccountId,
    /// The instance.
    pub instance: &'a InstanceId,
}

impl InstanceHistory<'_> {
    /// The first messages of a span, at most `limit`.
    pub async fn page(&self, span: &Span, limit: usize) -> Result<HistoryPage, TableError> {
        self.messages.page_of(self.entries(span, limit + 1).await?, limit).await
    }

    /// The messages that were accepted or received between two times, oldest first, after the cursor `after`, at most
    /// `limit`; and the cursor of the next page, if there is one.
    pub async fn in_period(
        &self,
        period: (Timestamp, Timestamp),
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Message>, Option<String>), TableError> {
        let (ids, next) = self.ids_in_period(period, after, limit).await?;
        Ok((self.messages.get_batch(&ids).await?, next))
    }

    /// The ids of the same messages.
    pub async fn ids_in_period(
        &self,
        (since, until): (Timestamp, Timestamp),
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<MessageId>, Option<String>), TableError> {
        let span = Span::oldest_first().within(Some(since), Some(until));
        let span = after.into_iter().fold(span, Span::behind);
        Ok(ids_of(self.entries(&span, limit + 1).await?, limit))
    }

    /// The ids of the messages that do not belong to batches, the oldest first, after a cursor, at most `limit`; and the cursor of
    /// the next page, if there is one.
    pub async fn indexed_ids(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<MessageId>, Option<String>), TableError> {
        let span = after.into_iter().fold(Span::oldest_first(), Span::behind);
        Ok(ids_of(self.messages.indexed_entries(self.instance, &span, limit + 1).await?, limit))
    }

    /// The oldest batch, or the next one after that with the key `after`.
    pub async fn next_batch(&self, after: Option<&str>) -> Result<Option<BatchOfInstance>, TableError> {
        let from = after.map_or_else(String::new, |key| format!("{key}~"));
        let query = self.query(&from, "~", true).limit(1).consistent_read(true); // what it does not find is never looked for again
        let answer = query.send().await.map_err(TableError::unavailable)?;
        Ok(answer.items.unwrap_or_default().pop().map(serde_dynamo::from_item).transpose()?)
    }

    /// Notes which messages of a batch are left. With the last of them the batch leaves the history.
    pub async fn keep(&self, batch: &BatchOfInstance, left: &[MessageId]) -> Result<(), TableError> {
        let key = ItemKey::batch_of_instance(self.account, self.instance, &batch.list_key());
        if left.is_empty() {
            return self.accounts.delete(key).await;
        }
        let is_left = |row: &u16| left.contains(&BatchRow { batch: batch.id.clone(), row: *row }.message_id());
        let rows: RowSet = batch.rows.rows().filter(is_left).collect();
        self.accounts.update(key, &UpdateBuilder::new().set("rows", rows).when_present("id")).await.map(drop)
    }

    /// The first entries of a span.
    async fn entries(&self, span: &Span, limit: usize) -> Result<Vec<Entry>, TableError> {
        let indexed = self.messages.indexed_entries(self.instance, span, limit);
        let (mut entries, of_batches) = try_join(indexed, self.entries_of_batches(span, limit)).await?;
        entries.extend(of_batches);
        Ok(span.first(entries, limit))
    }

    /// At least the first entries of batches: all of those that were requested at the same time.
    async fn entries_of_batches(&self, span: &Span, limit: usize) -> Result<Vec<Entry>, TableError> {
        if span.is_empty() {
            return Ok(Vec::new());
        }
        let (from, to) = span.times();
        let query = self.query(from, &format!("{to}~"), span.is_ascending);
        let mut batches = query.limit(BATCHES).into_paginator().items().send();
        let (mut entries, mut last, now) = (Vec::new(), None, clock::now());
        while let Some(item) = batches.try_next().await.map_err(TableError::unavailable)? {
            let batch: BatchOfInstance = serde_dynamo::from_item(item)?;
            if entries.len() >= limit && last.is_some_and(|last| last != batch.created_at) {
                break;
            }
            last = Some(batch.created_at);
            if batch.forget_at <= now.secs() {
                continue; // its messages have expired; the table deletes either later
            }
            entries.extend(batch.entries().filter(|entry| span.contains(&entry.key)));
        }
        Ok(entries)
    }

    /// The batches between two keys, or beginnings of keys.
    fn query(&self, from: &str, to: &str, is_ascending: bool) -> QueryFluentBuilder {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let key = |key: &str| text(&ItemKey::batch_of_instance(self.account, self.instance, key).sk);
        self.accounts
            .client
            .query()
            .table_name(&self.accounts.name)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", text(&ItemKey::batch_partition(self.account)))
            .expression_attribute_values(":from", key(from))
            .expression_attribute_values(":to", key(to))
            .scan_index_forward(is_ascending)
    }
}
