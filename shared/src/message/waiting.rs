//! Messages that wait in the table, because they may not leave within two minutes: the queues hold at most 120,000 messages
//! in flight (docs/adr/0033).
//!
//! A waiting message is queued like any other, and has the attributes `waits` and `due`: keys of the sparse index `byDue`, by
//! which the feeder finds and enqueues it. It is in the index until it is claimed, or fails. Nothing else ends its wait, so
//! none is lost wherever a feeder stops, and any number of feeders may enqueue it: the claim decides.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;

use crate::aws::{Item, TableError, has_entries};
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId, MessageId};
use crate::ledger::Lane;
use crate::message::batch_row::charge_nonce;
use crate::message::record::Message;
use crate::message::record_item::with_instance;
use crate::message::record_keys::{key_of_time, message_group};
use crate::message::repository::MessageRepository;
use crate::message::waiting_place::{DUE, WAITS, after, due_time, is_scheduled, shard};

/// A waiting message, as the index holds it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "`Message` says what each field is")]
pub struct WaitingMessage {
    pub id: MessageId,
    pub account_id: AccountId,
    pub instance_id: InstanceId,
    pub slot: Timestamp,
    pub deadline: Timestamp,
    #[serde(rename = "chat")]
    pub conversation: String,
    pub nonce: String,
    pub bulk: Option<String>,
    pub due: String,
}

impl WaitingMessage {
    /// The lane that it goes through.
    pub fn lane(&self) -> Lane {
        if self.bulk.is_some() || charge_nonce(&self.nonce).is_some() { Lane::Bulk } else { Lane::Express }
    }

    /// Its message group.
    pub fn message_group(&self) -> String {
        message_group(&self.conversation, &self.nonce)
    }

    /// When it may be enqueued, if no earlier: at its `sendAt`.
    pub fn not_before(&self) -> Option<Timestamp> {
        due_time(&self.due).filter(|_| is_scheduled(&self.due))
    }
}

impl MessageRepository {
    /// Whether any message waits: one read instead of one for each shard.
    pub async fn any_waits(&self) -> Result<bool, TableError> {
        has_entries(&self.client, &self.table, "byDue").await
    }

    /// The waiting messages of a shard that are due by a time, at most `limit`, in their order; and where to go on.
    pub async fn waiting(
        &self,
        number: u32,
        until: Timestamp,
        start: Option<Item>,
        limit: i32,
    ) -> Result<(Vec<WaitingMessage>, Option<Item>), TableError> {
        let query = self.client.query().table_name(&self.table).index_name("byDue");
        let query = query.key_condition_expression("#waits = :shard AND #due < :until");
        let query = query.expression_attribute_names("#waits", WAITS).expression_attribute_names("#due", DUE);
        let query = query.expression_attribute_values(":shard", AttributeValue::S(shard(number)));
        let until = AttributeValue::S(after(until));
        let query = query.expression_attribute_values(":until", until).limit(limit).set_exclusive_start_key(start);
        let response = query.send().await.map_err(TableError::unavailable)?;
        let next = response.last_evaluated_key.filter(|key| !key.is_empty());
        let items = response.items.unwrap_or_default().into_iter();
        let waiting = items.map(|item| serde_dynamo::from_item(with_instance(item)?)).collect::<Result<_, _>>()?;
        Ok((waiting, next))
    }

    /// The messages of a scheduled message's conversation that are scheduled before it, by so much at most.
    pub async fn scheduled_before(&self, message: &Message, by: Duration) -> Result<Vec<MessageId>, TableError> {
        let (Some(shard), Some(due)) = (&message.waits, &message.due) else { return Ok(Vec::new()) };
        let since = due_time(due).map_or_else(String::new, |at| key_of_time(at.minus(by)));
        let query = self.client.query().table_name(&self.table).index_name("byDue");
        let query = query.key_condition_expression("#waits = :shard AND #due BETWEEN :since AND :due");
        let query = query.expression_attribute_names("#waits", WAITS).expression_attribute_names("#due", DUE);
        let query = query.filter_expression("chat = :chat");
        let values = [(":shard", shard), (":since", &since), (":due", due), (":chat", &message.conversation)];
        let query = values.into_iter().fold(query, |query, (name, value)| {
            query.expression_attribute_values(name, AttributeValue::S(value.clone()))
        });
        let items: Vec<Item> =
            query.into_paginator().items().send().try_collect().await.map_err(TableError::unavailable)?;
        let read = |item| Ok(serde_dynamo::from_item::<_, WaitingMessage>(with_instance(item)?)?);
        let waiting = items.into_iter().map(read).collect::<Result<Vec<_>, TableError>>()?;
        let before = waiting.into_iter().filter(|waiting| is_scheduled(&waiting.due) && waiting.id != message.id);
        Ok(before.map(|waiting| waiting.id).collect())
    }
}
