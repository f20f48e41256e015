//! A webhook's delivery log: a row for each attempt that failed, and for each test.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::account_key::ItemKey;
use crate::account_table::AccountTable;
use crate::clock::Timestamp;
use crate::conditional_write::TableError;
use crate::ids::{LogId, WebhookId};

/// One attempt at telling a webhook.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryLog {
    /// Its id.
    pub id: LogId,
    /// The event's name.
    pub event: String,
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
    /// When the next one is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_retry_at: Option<Timestamp>,
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
}
