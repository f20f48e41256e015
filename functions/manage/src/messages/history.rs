//! `GET /v1/messages`: the messages of an instance or of one conversation, newest first.

use shared::ids::MessageId;
use shared::message::{HistoryPage, MAX_PAGE, Message, Span};

use super::batch;
use super::filter::Filter;
use super::message_page::{Found, page};
use super::message_response::MessageResponse;
use super::selection::Selection;
use crate::pagination;
use crate::prelude::*;

/// The parameters of the query.
const QUERY: [&str; 14] = [
    "batchId",
    "instanceId",
    "phone",
    "userId",
    "chatId",
    "reference",
    "direction",
    "type",
    "status",
    "from",
    "to",
    "before",
    "after",
    "limit",
];
/// Messages that one call examines (contract): what it costs and how long it takes is bounded.
const EXAMINED: usize = 1000;

pub const LIST: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/messages", customer!(MessagesRead, list)).with_query(&QUERY),
    id: "listMessages",
    summary: "List messages, newest first",
    describe: |operation| {
        let text = || json!({ "type": "string" });
        let operation = operation
            .description(
                "The messages of an instance, or of one of its conversations by `phone`, `userId` or `chatId`; those with a \
                `reference`, and those that failed (`status=failed`), also of all instances. A person's messages under all phone \
                numbers and user ids are one conversation. A call examines 1,000 messages at most: with filters a page may be \
                short, and `hasMore` says whether to go on.",
            )
            .query("instanceId", false, text(), "The instance; with `reference` or `status=failed` it may be absent")
            .query("phone", false, text(), "Only messages with the person who has this number")
            .query("userId", false, text(), "Only messages with the person who has this user id of WhatsApp's")
            .query("chatId", false, text(), "Only messages of this conversation")
            .query("reference", false, text(), "Only messages that were sent with this reference, of all instances or of one")
            .query("batchId", false, text(), "Only messages of this batch, in the order of its recipients; the next page begins `after` the last")
            .query("before", false, text(), "Only messages older than this one, or than a page whose `nextCursor` this is")
            .query("after", false, text(), "Only messages newer than this one, or than a page whose `nextCursor` this is");
        let operation = Filter::describe(operation);
        pagination::describe_cursor_page::<MessageResponse<'_>>(operation, MessageResponse::example())
            .errors(&[ErrorCode::InvalidRequest, ErrorCode::InstanceNotFound])
    },
};

async fn list(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let filter = Filter::from_request(request)?;
    let limit = pagination::limit(request)?;
    if request.query("batchId").is_some() {
        return batch::list(state, caller, request, &filter, limit).await;
    }
    let selection = Selection::from_request(state, caller, request).await?;
    if request.query("before").is_some() && request.query("after").is_some() {
        return Err(ApiError::invalid("after", "`after` cannot be combined with `before`."));
    }
    let is_ascending = request.query("after").is_some();
    let cursor = cursor(state, &selection, if is_ascending { "after" } else { "before" }, request).await?;
    let span = if is_ascending { Span::oldest_first() } else { Span::newest_first() };
    let span = filter.narrow(cursor.iter().fold(span, |span, cursor| span.behind(cursor)));
    let Found { messages, next } = find(state, &selection, &filter, span, limit).await?;
    let chats = selection.chats(state, &messages).await?;
    // A page is newest first, also one of newer messages.
    page(&Found { messages, next }, &chats, is_ascending)
}

/// Finds the first messages of a span that pass the filter, among the next [`EXAMINED`].
async fn find(
    state: &AppState,
    selection: &Selection,
    filter: &Filter<'_>,
    mut span: Span,
    limit: usize,
) -> Result<Found, ApiError> {
    let conversations = selection.conversations();
    let mut page_size = if filter.selects_all() { limit } else { MAX_PAGE };
    let (mut found, mut examined) = (Vec::<Message>::new(), 0);
    loop {
        let HistoryPage { messages, next } =
            selection.page(state, &conversations, &span, page_size).await.map_err(unavailable)?;
        examined += page_size;
        let selects = |message: &Message| selection.contains(message) && filter.selects(message);
        let mut selected = messages.into_iter().filter(selects).peekable();
        if selected.peek().is_none() {
            page_size = MAX_PAGE; // there may be many of them
        }
        found.extend(selected.by_ref().take(limit - found.len()));
        if found.len() == limit {
            let has_more = next.is_some() || selected.next().is_some();
            let next = found.last().filter(|_| has_more).map(|last| last.id.to_string());
            return Ok(Found { messages: found, next });
        }
        match next {
            Some(next) if examined < EXAMINED => span = span.behind(&next),
            next => {
                let next = next.map(|key| key.replacen('#', ".", 1)); // which needs no escape in a URL
                return Ok(Found { messages: found, next });
            }
        }
    }
}

/// The key at which a page begins: that of a message of the selection, or the key itself, where a call ended that had examined enough.
async fn cursor(
    state: &AppState,
    selection: &Selection,
    field: &str,
    request: ApiRequest<'_>,
) -> Result<Option<String>, ApiError> {
    let Some(cursor) = request.query(field) else { return Ok(None) };
    if pagination::is_time_cursor::<MessageId>(cursor) {
        return Ok(Some(cursor.replacen('.', "#", 1)));
    }
    let unknown = || {
        ApiError::invalid(field, format!("`{field}` must be a `nextCursor`, or the `messageId` of a message of these."))
    };
    let id: MessageId = cursor.parse().map_err(|_| unknown())?;
    let found = state.messages.get(&id).await.map_err(unavailable)?;
    let found = found.filter(|message| selection.contains(message)).ok_or_else(unknown)?;
    Ok(Some(found.history_key))
}
