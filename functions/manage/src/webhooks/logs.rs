//! `GET /v1/webhooks/{id}/logs`: the attempts that failed, the tests, and the successes if the webhook asks for them.

use lambda_http::Request;
use serde::Serialize;
use shared::api_error::ApiError;
use shared::delivery_log::DeliveryLog;
use shared::ids::{LogId, MessageId};
use shared::webhook::Webhook;
use utoipa::ToSchema;

use super::unavailable;
use crate::answer::{Answer, CursorPage};
use crate::query;
use crate::router::Manager;

/// The contract's row.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeliveryLog)]
pub struct Row {
    id: LogId,
    event: String,
    /// The `webhook-id`.
    event_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    status: &'static str,
    status_code: Option<u16>,
    response_time: u64,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The first kilobyte of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<String>,
    retry_count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_retry_at: Option<String>,
}

/// A page of a webhook's log, newest first; `after` is the page's `nextCursor`.
pub async fn list(manager: &Manager, webhook: &Webhook, request: &Request) -> Result<Answer, ApiError> {
    let succeeded = match query::text(request, "status").as_deref() {
        None => None,
        Some("success") => Some(true),
        Some("failed") => Some(false),
        Some(_) => return Err(ApiError::invalid("status", "must be success or failed")),
    };
    let after = query::text(request, "after");
    if after.as_deref().is_some_and(|row| !is_row(row)) {
        return Err(ApiError::invalid("after", "must be the nextCursor of a page"));
    }
    let limit = query::limit(request)?;
    let page = manager.books.accounts.logs(&webhook.id, succeeded, after.as_deref(), limit).await;
    let page = page.map_err(unavailable)?;
    let rows: Vec<Row> = page.rows.into_iter().map(Row::of).collect();
    Answer::page(&rows, CursorPage { has_more: page.next.is_some(), next_cursor: page.next })
}

fn is_row(text: &str) -> bool {
    text.split_once('.').is_some_and(|(time, id)| {
        time.len() == 13 && time.bytes().all(|byte| byte.is_ascii_digit()) && id.parse::<LogId>().is_ok()
    })
}

impl Row {
    fn of(log: DeliveryLog) -> Self {
        Self {
            id: log.id,
            event: log.event,
            event_id: log.event_id,
            message_id: log.subject.filter(|subject| subject.starts_with(MessageId::PREFIX)),
            status: if log.succeeded { "success" } else { "failed" },
            status_code: log.status_code,
            response_time: log.response_time,
            timestamp: log.timestamp.to_string(),
            error: log.error,
            response: log.response,
            retry_count: log.retry_count,
            next_retry_at: log.next_retry_at.map(|at| at.to_string()),
        }
    }
}
