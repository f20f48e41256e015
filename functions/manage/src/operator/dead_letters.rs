//! `GET /v1/admin/dead-letters`: events, changes of messages and instances, and queued work that were given up.

use shared::ids::{AccountId, DeadLetterId, InstanceId, MessageId, WebhookId};
use shared::webhook::DeadLetter;

use crate::pagination::{self, CursorPage};
use crate::prelude::*;

/// An event that a webhook does not get, a change whose events no webhook gets, or work that was left in a queue.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeadLetterResponse<'a> {
    /// Its id.
    id: &'a DeadLetterId,
    /// `event`, `change` or `queued`.
    kind: &'static str,
    /// When it was given up.
    timestamp: String,
    /// Why it was given up.
    reason: &'a str,
    /// Its account; not known of a change of a message.
    account_id: Option<&'a AccountId>,
    /// The instance that it is about.
    instance_id: Option<&'a InstanceId>,
    /// The message that it is about.
    message_id: Option<&'a MessageId>,
    /// The webhook that does not get the event.
    webhook_id: Option<&'a WebhookId>,
    /// The event's name.
    event: Option<&'a str>,
    /// The header `webhook-id`.
    event_id: Option<&'a str>,
    /// Attempts that were made.
    attempts: Option<u32>,
    /// The queue that `queued` work was left in, such as `SettleDeadLetters`.
    queue: Option<&'a str>,
}

impl<'a> DeadLetterResponse<'a> {
    fn new(letter: &'a DeadLetter) -> Self {
        Self {
            id: &letter.id,
            kind: match (&letter.event, &letter.queue) {
                (Some(_), _) => "event",
                (None, Some(_)) => "queued",
                (None, None) => "change",
            },
            timestamp: letter.at.to_string(),
            reason: &letter.reason,
            account_id: letter.account_id.as_ref(),
            instance_id: letter.instance_id.as_ref(),
            message_id: letter.message_id.as_ref(),
            webhook_id: letter.webhook_id.as_ref(),
            event: letter.event.as_deref(),
            event_id: letter.event_id.as_deref(),
            attempts: letter.attempts,
            queue: letter.queue.as_deref(),
        }
    }
}

pub const LIST: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/admin/dead-letters", operator!(list)).with_query(&["after", "limit"]),
    id: "listDeadLetters",
    summary: "List what was given up, newest first",
    describe: |operation| {
        let row = json!({
            "id": "dl_xyz789", "kind": "event", "timestamp": "2026-02-03T12:00:00.000Z",
            "reason": "The endpoint answered 410 Gone.", "accountId": "acc_xyz789", "instanceId": "inst_abc123",
            "messageId": "msg_xyz789", "webhookId": "wh_xyz789", "event": "message.sent", "eventId": "evt_xyz789",
            "attempts": 1,
        });
        let operation = operation
            .description(
                "Events after their last attempt at a webhook, which the customer can have replayed, changes of messages and \
                 instances that cannot be published, and what is left in the queues of dead letters of `settle`, `media` and `notify`, \
                 some minutes after it got there. Kept as long as messages are.",
            )
            .query("after", false, json!({ "type": "string" }), "The `nextCursor` of the previous page");
        pagination::describe_cursor_page::<DeadLetterResponse<'_>>(operation, row).errors(&[ErrorCode::InvalidRequest])
    },
};

async fn list(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let after = pagination::time_cursor::<DeadLetterId>(request)?;
    let limit = pagination::limit(request)?;
    let (letters, has_more) = state.accounts.dead_letters(after, limit).await.map_err(unavailable)?;
    let next_cursor = letters.last().filter(|_| has_more).map(DeadLetter::cursor);
    let rows: Vec<_> = letters.iter().map(DeadLetterResponse::new).collect();
    ApiResponse::page(&rows, CursorPage { has_more, next_cursor })
}
