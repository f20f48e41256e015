//! A webhook's delivery log: a row for each attempt that failed, and for each test.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::account_key::ItemKey;
use crate::account_table::AccountTable;
use crate::change::Change;
use crate::clock::Timestamp;
use crate::conditional_write::TableError;
use crate::ids::{LogId, WebhookId};
use crate::webhook_queue::Retry;

/// The key under which the index has all rows that wait.
pub const WAITS: &str = "webhook";

/// One attempt at telling a webhook.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryLog {
    /// Its id.
    pub id: LogId,
    /// The event's name.
    pub event: String,
    /// The event's id, the `webhook-id`.
    pub event_id: String,
    /// The id of what it happened to: a message or an instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Whether the webhook took it.
    pub succeeded: bool,
    /// What it answered, if it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<u16>,
    /// Milliseconds that it took.
    pub response_time: u64,
    /// When the attempt was made.
    pub timestamp: Timestamp,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Attempts before this one.
    pub retry_count: u32,
    /// The first of what it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// When the next one is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_retry_at: Option<Timestamp>,
    /// The event, while it waits here for its next attempt: the queue holds nothing for so long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Index key: [`WAITS`] while it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<String>,
    /// Index key: when it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// When the table may forget it: seconds, as DynamoDB's TTL counts.
    pub forget_at: i64,
}

/// A page of a log.
#[derive(Debug)]
pub struct LogPage {
    /// Its rows, newest first.
    pub rows: Vec<DeliveryLog>,
    /// Where the next page goes on, if there is one.
    pub next: Option<String>,
}

impl DeliveryLog {
    /// This row, and in it an event that waits for its next attempt.
    #[must_use]
    pub fn with_waiting(self, retry: Retry) -> Self {
        Self { due: Some(retry.due), waits: Some(WAITS.to_owned()), retry: Some(retry), ..self }
    }

    fn row(&self) -> String {
        format!("{:013}.{}", self.timestamp.millis(), self.id)
    }
}

impl AccountTable {
    /// Adds a row.
    pub async fn put_log(&self, webhook: &WebhookId, log: &DeliveryLog) -> Result<(), TableError> {
        self.put(ItemKey::log(webhook, &log.row()), log).await
    }

    /// The newest rows, after `after`, at most `most`, of those that succeeded or failed if that is asked for.
    pub async fn logs(
        &self,
        webhook: &WebhookId,
        succeeded: Option<bool>,
        after: Option<&str>,
        most: usize,
    ) -> Result<LogPage, TableError> {
        let start = after.map(|row| ItemKey::log(webhook, row).into());
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(ItemKey::log_partition(webhook)))
            .scan_index_forward(false)
            .set_exclusive_start_key(start)
            .into_paginator()
            .items()
            .send();
        let mut page = LogPage { rows: Vec::new(), next: None };
        while let Some(item) = pages.try_next().await.map_err(TableError::unavailable)? {
            let row: DeliveryLog = serde_dynamo::from_item(item)?;
            if succeeded.is_some_and(|wanted| wanted != row.succeeded) {
                continue;
            }
            if page.rows.len() == most {
                page.next = page.rows.last().map(DeliveryLog::row);
                break;
            }
            page.rows.push(row);
        }
        Ok(page)
    }

    /// A row by its id, looked for from the newest on.
    pub async fn log(&self, webhook: &WebhookId, id: &LogId) -> Result<Option<DeliveryLog>, TableError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk")
            .filter_expression("id = :id")
            .expression_attribute_values(":pk", AttributeValue::S(ItemKey::log_partition(webhook)))
            .expression_attribute_values(":id", AttributeValue::S(id.to_string()))
            .scan_index_forward(false)
            .into_paginator()
            .items()
            .send();
        let found = pages.try_next().await.map_err(TableError::unavailable)?;
        Ok(found.map(serde_dynamo::from_item).transpose()?)
    }

    /// Rows whose events are due, the oldest first, at most `most`.
    pub async fn due_logs(&self, now: Timestamp, most: usize) -> Result<Vec<(ItemKey, DeliveryLog)>, TableError> {
        let request = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("byDue")
            .key_condition_expression("waits = :waits AND due <= :now")
            .expression_attribute_values(":waits", AttributeValue::S(WAITS.to_owned()))
            .expression_attribute_values(":now", AttributeValue::N(now.millis().to_string()))
            .limit(i32::try_from(most).unwrap_or(i32::MAX));
        let items = request.send().await.map_err(TableError::unavailable)?.items.unwrap_or_default();
        let mut rows = Vec::new();
        for item in items {
            let key = ItemKey::read(&item);
            match serde_dynamo::from_item(item) {
                Ok(row) => rows.push((key, row)),
                // One that can't be read must not keep the others waiting.
                Err(error) => tracing::error!(pk = key.pk, sk = key.sk, %error, "log_row.unreadable"),
            }
        }
        Ok(rows)
    }

    /// A row's event waits elsewhere now.
    pub async fn note_moved(&self, key: ItemKey, due: Timestamp) -> Result<(), TableError> {
        let change = Change::new().remove("waits").remove("due").remove("retry").when_equal("due", due);
        self.change(key, &change).await.map(drop)
    }
}
