//! The rows of delivery logs that are about one message, through the index `bySubject`.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt, TryStreamExt, stream};

use crate::aws::{AccountsTable, Item, ItemKey, TableError, UpdateBuilder};
use crate::ids::{MessageId, WebhookId};
use crate::webhook::delivery_log::DeliveryLog;

/// Rows that are read at a time.
const CONCURRENT_READS: usize = 10;
/// Rows that are redacted in one call: other deliveries of its batch wait for it.
const MAX_REDACTED: i32 = 500;
/// Of these, at the same time.
const CONCURRENT_REDACTIONS: usize = 16;

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

    /// Removes what rows about an erased message, behind the row `after`, may hold of it: endpoints' responses, and deliveries that
    /// wait. A customer who replays a message has any number of rows about it, so this is one page: returns how many rows it has,
    /// and the last one if there are more.
    pub async fn redact_logs(
        &self,
        message: &MessageId,
        after: Option<&ItemKey>,
    ) -> Result<(usize, Option<ItemKey>), TableError> {
        let start = after.map(|after| {
            let subject = ("subject".to_owned(), AttributeValue::S(message.to_string()));
            Item::from(after.clone()).into_iter().chain([subject]).collect()
        });
        let page = self.rows_about(message).limit(MAX_REDACTED).set_exclusive_start_key(start);
        let page = page.send().await.map_err(TableError::unavailable)?;
        let rows = page.items.unwrap_or_default();
        let redaction = ["response", "retry", "waits", "due", "nextRetryAt"]
            .into_iter()
            .fold(UpdateBuilder::new().when_present("pk"), UpdateBuilder::remove);
        let redacted = rows.iter().map(|row| self.update(ItemKey::from_item(row), &redaction));
        let redacted = stream::iter(redacted).buffer_unordered(CONCURRENT_REDACTIONS);
        redacted.try_for_each(|_| async { Ok(()) }).await?;
        let last = page.last_evaluated_key.filter(|key| !key.is_empty());
        Ok((rows.len(), last.as_ref().map(ItemKey::from_item)))
    }

    fn rows_about(&self, message: &MessageId) -> QueryFluentBuilder {
        let query = self.client.query().table_name(&self.name).index_name("bySubject");
        let subject = AttributeValue::S(message.to_string());
        query.key_condition_expression("subject = :subject").expression_attribute_values(":subject", subject)
    }
}
