//! `/v1/admin/callbacks`: WhatsApp's callbacks that could not be read.

use shared::ids::CallbackId;
use shared::unread_callback::{ReplayError, UnreadCallback};
use shared::whatsapp::UnreadReason;

use crate::pagination::{self, CursorPage};
use crate::prelude::*;

/// A callback that could not be read. Its content is private and is not shown.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UnreadCallbackResponse<'a> {
    /// The id under which it is kept.
    id: &'a CallbackId,
    /// When it was received.
    #[schema(format = DateTime)]
    received_at: Option<String>,
    /// Why parts of it could not be read.
    #[schema(value_type = Vec<UnreadReason>)]
    reasons: &'a [UnreadReason],
    /// WhatsApp's ids of the numbers that it is about.
    number_ids: &'a [String],
    /// Its size in bytes.
    size: usize,
    /// Whether a Meta app of a customer's own signed it.
    own_app: bool,
}

/// The result of a replay.
#[derive(Serialize, ToSchema)]
struct ReplayCallbackResponse {
    /// Updates that still cannot be read. With 0, the callback is no longer kept.
    unread: usize,
}

pub const LIST: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/admin/callbacks", operator!(list)).with_query(&["after", "limit"]),
    id: "listUnreadCallbacks",
    summary: "List callbacks that could not be read, newest first",
    describe: |operation| {
        let row = json!({
            "id": "cb_xyz789", "receivedAt": "2026-02-03T12:00:00.000Z", "reasons": ["unknown_field"],
            "numberIds": ["106540352242922"], "size": 412, "ownApp": false,
        });
        let operation = operation
            .description("WhatsApp never sends a callback again that was acknowledged, so what cannot be read is kept for 30 days.")
            .query("after", false, json!({ "type": "string" }), "The `nextCursor` of the previous page");
        pagination::describe_cursor_page::<UnreadCallbackResponse<'_>>(operation, row)
            .errors(&[ErrorCode::InvalidRequest])
    },
};

pub const REPLAY: Endpoint = Endpoint {
    route: Route::new("POST", "/v1/admin/callbacks/{callbackId}/replay", operator!(replay)),
    id: "replayUnreadCallback",
    summary: "Read a callback again, after an upgrade",
    describe: |operation| {
        operation
            .description(
                "What can be read now is stored and published. The callback is deleted when nothing of it is left.",
            )
            .answers_data::<ReplayCallbackResponse>(200, json!({ "unread": 0 }))
            .errors(&[ErrorCode::CallbackNotFound])
    },
};

async fn list(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let after = pagination::time_cursor::<CallbackId>(request)?;
    let limit = pagination::limit(request)?;
    let (callbacks, next) = state.unread_callbacks.list(after, limit).await.map_err(unavailable)?;
    let rows: Vec<_> = callbacks.iter().map(response).collect();
    ApiResponse::page(&rows, CursorPage { has_more: next.is_some(), next_cursor: next })
}

fn response(callback: &UnreadCallback) -> UnreadCallbackResponse<'_> {
    UnreadCallbackResponse {
        id: &callback.id,
        received_at: callback.received_at().map(|at| at.to_string()),
        reasons: &callback.reasons,
        number_ids: &callback.number_ids,
        size: callback.size,
        own_app: callback.signed_by.is_some(),
    }
}

async fn replay(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let id: CallbackId = request.id("callbackId", ErrorCode::CallbackNotFound)?;
    let token = state.secrets.get().replay_tokens.sign(&id);
    match state.callback_replays.replay(&id, &token).await {
        Ok(unread) => ApiResponse::ok(&ReplayCallbackResponse { unread }),
        Err(ReplayError::NotFound) => Err(ErrorCode::CallbackNotFound.into()),
        Err(error @ ReplayError::Failed(_)) => Err(ApiError::unavailable(error, 10)),
    }
}
