//! `GET /v1/chats`.

use shared::alias::Alias;
use shared::clock::Timestamp;
use shared::contact::ChatCursor;

use super::chat_response::ChatResponse;
use crate::lookup;
use crate::pagination::{self, CursorPage};
use crate::prelude::*;

pub const LIST: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/chats", customer!(MessagesRead, list)).with_query(&["instanceId", "after", "limit"]),
    id: "listChats",
    summary: "List the conversations in which somebody has written, latest first",
    describe: |operation| {
        let text = || json!({ "type": "string" });
        let operation = operation
            .description(
                "The people who have written to the instance or called it, with the time of their last message. Pages are in the \
                 order of these times to within ten minutes, the rows of a page exactly.",
            )
            .query("instanceId", true, text(), "The instance")
            .query("after", false, text(), "The `nextCursor` of the previous page");
        pagination::describe_cursor_page::<ChatResponse>(operation, ChatResponse::example())
            .errors(&[ErrorCode::InvalidRequest, ErrorCode::InstanceNotFound])
    },
};

async fn list(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let instance = lookup::instance_in_query(state, caller, request).await?.id;
    let after = pagination::time_cursor::<Alias>(request)?.and_then(cursor);
    let limit = pagination::limit(request)?;
    let page = state.contacts.list_chats(&instance, after.as_ref(), limit).await.map_err(unavailable)?;
    let rows: Vec<_> = page.contacts.into_iter().map(|contact| ChatResponse::new(&instance, contact)).collect();
    let next_cursor = page.next.map(|next| format!("{:013}.{}", next.listed_at.millis(), next.chat));
    ApiResponse::page(&rows, CursorPage { has_more: next_cursor.is_some(), next_cursor })
}

/// The place that a cursor names.
fn cursor(text: &str) -> Option<ChatCursor> {
    let (millis, chat) = text.split_once('.')?;
    Some(ChatCursor { listed_at: Timestamp::from_millis(millis.parse().ok()?), chat: chat.parse().ok()? })
}
