//! The rows of delivery logs that are about one message, through the index `bySubject`.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt, TryStreamExt, stream};

use crate::aws::{AccountsTable, Item, ItemKey, TableError, UpdateBuilder};
use crate::ids::{MessageId, WebhookId};
use crate::webhook::delivery_log::DeliveryLog;

/// Rows that are read at a time.
const CONCURRENT_READS: usize = 10;

/// Attempts to deliver a message's events.
#[derive(Debug)]
pub struct MessageAttempts {
    /// The newest, oldest first, each with its webhook.
    pub rows: Vec<(WebhookId, DeliveryLog)>,
    /// Whether there are older ones.
    pub has_more: bool,
}

impl AccountsTable {
    /// The newest rows about a message, at most `limit`. Rows say nothing of their order in the index, so its entries are
    /// all read: at most 1 MB of them, some 7,000.
    pub async fn message_attempts(&self, message: &MessageId, limit: usize) -> Result<MessageAttempts, TableError> {
        let page = self.rows_about(message).send().await.map_err(TableError::unavailable)?;
        let is_cut = page.last_evaluated_key.is_some_and(|key| !key.is_empty());
        let of_log = |item: &Item| {
            let key = ItemKey::from_item(item);
            Some((ItemKey::webhook_of_log(&key)?, key))
        };
        let mut keys: Vec<_> = page.items.unwrap_or_default().iter().filter_map(of_log).collect();
        keys.sort_unstable_by(|(_, one), (_, other)| one.sk.cmp(&other.sk)); // begins with the time
        let older = keys.len().saturating_sub(limit);
        let reads = keys.split_off(older).into_iter().map(|(webhook, key)| async move {
            let row = self.get_eventually::<DeliveryLog>(key).await?;
            Ok::<_, TableError>(row.map(|row| (webhook, DeliveryLog { waiting: None, ..row })))
        });
        let rows: Vec<_> = stream::iter(reads).buffered(CONCURRENT_READS).try_collect().await?;
        Ok(MessageAttempts { rows: rows.into_iter().flatten().collect(), has_more: is_cut || older > 0 })
    }

    /// Removes what the rows about an erased message may hold of it: endpoints' responses, and deliveries that wait. Returns
    /// how many rows there are.
    pub async fn redact_logs(&self, message: &MessageId) -> Result<usize, TableError> {
        let rows: Result<Vec<_>, _> = self.rows_about(message).into_paginator().items().send().try_collect().await;
        let rows = rows.map_err(TableError::unavailable)?;
        let redaction = ["response", "retry", "waits", "due", "nextRetryAt"]
            .into_iter()
            .fold(UpdateBuilder::new().when_present("pk"), UpdateBuilder::remove);
        for row in &rows {
            self.update(ItemKey::from_item(row), &redaction).await?;
        }
        Ok(rows.len())
    }

    fn rows_about(&self, message: &MessageId) -> QueryFluentBuilder {
        let query = self.client.query().table_name(&self.name).index_name("bySubject");
        let subject = AttributeValue::S(message.to_string());
        query.key_condition_expression("subject = :subject").expression_attribute_values(":subject", subject)
    }
}
