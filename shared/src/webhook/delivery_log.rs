//! A webhook's delivery log: a row for each attempt that failed, for each test, and for successes on request.

use std::time::Duration;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::aws::{AccountsTable, ItemKey, TableError};
use crate::clock::Timestamp;
use crate::ids::{LogId, WebhookId};
use crate::webhook::delivery::WebhookDelivery;
use crate::webhook::endpoint_client::AttemptResult;

/// One attempt to deliver an event, or the end of all attempts.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryLog {
    /// Its id.
    pub id: LogId,
    /// The event's name.
    pub event: String,
    /// The event's id, the `webhook-id`.
    pub event_id: String,
    /// The id of the message or instance that the event is about: key of the index `bySubject`.
    pub subject: Option<String>,
    /// Whether the attempt succeeded.
    pub succeeded: bool,
    /// The response's status, if there was a response.
    pub status_code: Option<u16>,
    /// The attempt's duration in milliseconds.
    pub response_time: u64,
    /// When the attempt was made.
    pub timestamp: Timestamp,
    /// Why it failed.
    pub error: Option<String>,
    /// Attempts before this one.
    pub retry_count: u32,
    /// The beginning of the response's body.
    pub response: Option<String>,
    /// When the next attempt is due.
    pub next_retry_at: Option<Timestamp>,
    /// The delivery, while it waits here for its next attempt: for longer than the queue can hold it.
    #[serde(rename = "retry")]
    pub waiting: Option<WebhookDelivery>,
    /// Index key: the account, while it waits.
    #[serde(rename = "waits")]
    pub waiting_key: Option<String>,
    /// Index key: when its next attempt is due.
    pub due: Option<Timestamp>,
    /// When the table deletes it: seconds since the epoch (DynamoDB's TTL).
    pub forget_at: i64,
}

/// A page of a log.
#[derive(Debug)]
pub struct LogPage {
    /// Its rows, newest first.
    pub rows: Vec<DeliveryLog>,
    /// The cursor of the next page, if there is one.
    pub next: Option<String>,
}

impl DeliveryLog {
    /// The row of an attempt, kept for `retention`.
    pub fn new(delivery: &WebhookDelivery, result: &AttemptResult, at: Timestamp, retention: Duration) -> Self {
        Self {
            event_id: delivery.id.clone(),
            subject: Some(delivery.subject.clone()),
            retry_count: delivery.attempts - 1,
            ..Self::for_test(LogId::generate(), delivery.event.clone(), result, at, retention)
        }
    }

    /// The row of a delivery that is given up without another attempt.
    pub fn unattempted(delivery: &WebhookDelivery, reason: &str, at: Timestamp, retention: Duration) -> Self {
        Self {
            event_id: delivery.id.clone(),
            subject: Some(delivery.subject.clone()),
            retry_count: delivery.attempts,
            succeeded: false,
            error: Some(reason.to_owned()),
            ..Self::for_test(LogId::generate(), delivery.event.clone(), &AttemptResult::none(), at, retention)
        }
    }

    /// The row of a test: one attempt, about no message or instance.
    pub fn for_test(id: LogId, event: String, result: &AttemptResult, at: Timestamp, retention: Duration) -> Self {
        Self {
            event_id: Self::test_event_id(&id),
            id,
            event,
            subject: None,
            succeeded: result.error.is_none(),
            status_code: result.status_code,
            response_time: result.response_time,
            timestamp: at,
            error: result.error.as_ref().map(ToString::to_string),
            retry_count: 0,
            response: result.response.clone(),
            next_retry_at: None,
            waiting: None,
            waiting_key: None,
            due: None,
            forget_at: at.plus(retention).secs(),
        }
    }

    /// The id of a test's event, the `webhook-id`.
    pub fn test_event_id(id: &LogId) -> String {
        format!("evt_test_{id}")
    }

    /// This row with a delivery that waits in it for its next attempt.
    #[must_use]
    pub fn with_waiting(self, delivery: WebhookDelivery) -> Self {
        Self {
            due: Some(delivery.due),
            waiting_key: Some(delivery.account_id.to_string()),
            waiting: Some(delivery),
            ..self
        }
    }

    fn cursor(&self) -> String {
        format!("{:013}.{}", self.timestamp.millis(), self.id)
    }
}

/// Rows of the other status that one call passes over: an endpoint that is down for days has hundreds of thousands.
const MAX_OTHERS: usize = 1000;
/// Pages of a megabyte that are searched for one row.
const MAX_PAGES_OF_SEARCH: usize = 16;

impl AccountsTable {
    /// Adds a row.
    pub async fn put_delivery_log(&self, webhook: &WebhookId, log: &DeliveryLog) -> Result<(), TableError> {
        self.put(ItemKey::delivery_log(webhook, &log.cursor()), log).await
    }

    /// The newest rows, after `after`, at most `limit`; only successful or failed ones if `succeeded` says so. Fewer, with more to come,
    /// when many others are in between.
    pub async fn delivery_logs(
        &self,
        webhook: &WebhookId,
        succeeded: Option<bool>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<LogPage, TableError> {
        let start = after.map(|row| ItemKey::delivery_log(webhook, row).into());
        let mut pages = self.newest_logs(webhook).set_exclusive_start_key(start).into_paginator().items().send();
        let mut page = LogPage { rows: Vec::new(), next: None };
        let mut others = 0;
        while let Some(item) = pages.try_next().await.map_err(TableError::unavailable)? {
            let row: DeliveryLog = serde_dynamo::from_item(item)?;
            if succeeded.is_some_and(|wanted| wanted != row.succeeded) {
                others += 1;
                if others == MAX_OTHERS {
                    page.next = Some(row.cursor());
                    break;
                }
                continue;
            }
            if page.rows.len() == limit {
                page.next = page.rows.last().map(DeliveryLog::cursor);
                break;
            }
            page.rows.push(row);
        }
        Ok(page)
    }

    /// A row by its id, searched from the newest on, in the last tens of thousands.
    pub async fn delivery_log(&self, webhook: &WebhookId, id: &LogId) -> Result<Option<DeliveryLog>, TableError> {
        let id = AttributeValue::S(id.to_string());
        let query = self.newest_logs(webhook).filter_expression("id = :id").expression_attribute_values(":id", id);
        let mut pages = query.into_paginator().send();
        for _ in 0..MAX_PAGES_OF_SEARCH {
            let Some(page) = pages.try_next().await.map_err(TableError::unavailable)? else { break };
            if let Some(found) = page.items.unwrap_or_default().pop() {
                return Ok(Some(serde_dynamo::from_item(found)?));
            }
        }
        Ok(None)
    }

    /// A query for a webhook's rows, newest first.
    fn newest_logs(&self, webhook: &WebhookId) -> QueryFluentBuilder {
        let query = self.client.query().table_name(&self.name).scan_index_forward(false);
        let partition = AttributeValue::S(ItemKey::delivery_log_partition(webhook));
        query.key_condition_expression("pk = :pk").expression_attribute_values(":pk", partition)
    }
}
