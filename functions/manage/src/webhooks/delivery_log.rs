//! `GET /v1/webhooks/{webhookId}/logs`.

use shared::ids::{LogId, MessageId};
use shared::webhook::{AnyEventName, DeliveryLog, DeliveryStatus};

use crate::lookup;
use crate::pagination::{self, CursorPage};
use crate::prelude::*;

/// An attempt to deliver an event.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeliveryLogResponse<'a> {
    /// The id of the row: the `logId` of a replay.
    id: &'a LogId,
    /// The name of the event.
    #[schema(value_type = AnyEventName)]
    event: &'a str,
    /// The id of the event for this webhook: the header `webhook-id`, the same on every attempt.
    event_id: &'a str,
    /// The message that the event is about, if it is about one.
    message_id: Option<&'a str>,
    /// Whether the endpoint took the event.
    #[schema(value_type = DeliveryStatus)]
    status: &'static str,
    /// The HTTP status of the answer; null without an answer.
    #[serialize_always]
    status_code: Option<u16>,
    /// Milliseconds until the answer, or until the attempt was given up.
    response_time: u64,
    /// When the attempt was made.
    #[schema(format = DateTime)]
    timestamp: String,
    /// What went wrong.
    error: Option<&'a str>,
    /// The first kilobyte of the response's body.
    response: Option<&'a str>,
    /// Attempts at the event before this one.
    retry_count: u32,
    /// When the next attempt is due, if there will be one.
    #[schema(format = DateTime)]
    next_retry_at: Option<String>,
}

impl<'a> DeliveryLogResponse<'a> {
    /// While the webhook is disabled, no attempt follows.
    fn new(log: &'a DeliveryLog, is_active: bool) -> Self {
        Self {
            id: &log.id,
            event: &log.event,
            event_id: &log.event_id,
            message_id: log.subject.as_deref().filter(|subject| subject.starts_with(MessageId::PREFIX)),
            status: if log.succeeded { "success" } else { "failed" },
            status_code: log.status_code,
            response_time: log.response_time,
            timestamp: log.timestamp.to_string(),
            error: log.error.as_deref(),
            response: log.response.as_deref(),
            retry_count: log.retry_count,
            next_retry_at: log.next_retry_at.filter(|_| is_active).map(|at| at.to_string()),
        }
    }
}

pub const LIST: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/webhooks/{webhookId}/logs", customer!(WebhooksRead, list))
        .with_query(&["status", "after", "limit"]),
    id: "getWebhookLogs",
    summary: "List the delivery log of a webhook, newest first",
    describe: |operation| {
        let row = json!({
            "id": "log_xyz789", "event": "message.sent", "eventId": "evt_xyz789", "messageId": "msg_xyz789",
            "status": "failed", "statusCode": 502, "responseTime": 42, "timestamp": "2026-02-03T12:00:00.000Z",
            "error": "the endpoint answered 502 Bad Gateway", "response": "<html>", "retryCount": 0,
            "nextRetryAt": "2026-02-03T12:00:30.000Z",
        });
        let operation = operation
            .description("Failed attempts and tests, and successful attempts if the webhook has `logSuccess`.")
            .query("status", false, json!({ "enum": ["success", "failed"] }), "Only attempts with this status")
            .query("after", false, json!({ "type": "string" }), "The `nextCursor` of the previous page");
        pagination::describe_cursor_page::<DeliveryLogResponse<'_>>(operation, row)
            .errors(&[ErrorCode::WebhookNotFound, ErrorCode::InvalidRequest])
    },
};

async fn list(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let webhook = lookup::webhook(state, caller, request).await?;
    let succeeded = match request.query("status") {
        None => None,
        Some("success") => Some(true),
        Some("failed") => Some(false),
        Some(_) => return Err(ApiError::invalid("status", "`status` must be `success` or `failed`.")),
    };
    let after = pagination::time_cursor::<LogId>(request)?;
    let limit = pagination::limit(request)?;
    let page = state.accounts.delivery_logs(&webhook.id, succeeded, after, limit).await.map_err(unavailable)?;
    let rows: Vec<_> = page.rows.iter().map(|row| DeliveryLogResponse::new(row, webhook.active)).collect();
    ApiResponse::page(&rows, CursorPage { has_more: page.next.is_some(), next_cursor: page.next })
}
