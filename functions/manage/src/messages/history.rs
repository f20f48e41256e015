//! `GET /v1/messages`: the messages of an instance or of one conversation, newest first.

use shared::ids::MessageId;
use shared::message::{HistoryPage, MAX_PAGE, Message, Page};

use super::batch;
use super::conversation::Selection;
use super::filter::Filter;
use super::message_page::{Found, page};
use super::message_response::MessageResponse;
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
            .query("before", false, text(), "Only messages older than this one")
            .query("after", false, text(), "Only messages newer than this one");
        let operation = Filter::describe(operation);
        pagination::describe_cursor_page::<MessageResponse<'_>>(operation, MessageResponse::example())
            .errors(&[ErrorCode::InvalidRequest, ErrorCode::InstanceNotFound])
    },
};

async fn list(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let filter = Filter::of(request)?;
    let limit = pagination::limit(request)?;
    if request.query("batchId").is_some() {
        return batch::list(state, caller, request, &filter, limit).await;
    }
    let selection = Selection::of(state, caller, request).await?;
    if request.query("before").is_some() && request.query("after").is_some() {
        return Err(ApiError::invalid("after", "`after` cannot be combined with `before`."));
    }
    let before = cursor(state, &selection, "before", request).await?;
    let after = cursor(state, &selection, "after", request).await?;
    let is_ascending = after.is_some();
    let Found { messages, next } = find(state, &selection, &filter, (before, after), limit).await?;
    let chats = selection.chats(state, &messages).await?;
    // A page is newest first, also one of newer messages.
    page(&Found { messages, next }, &chats, is_ascending)
}

/// Finds the messages that pass the filter, among the next [`EXAMINED`].
async fn find(
    state: &AppState,
    selection: &Selection,
    filter: &Filter<'_>,
    (before, after): (Option<String>, Option<String>),
    limit: usize,
) -> Result<Found, ApiError> {
    let conversations = selection.conversations();
    let is_ascending = after.is_some();
    let mut at = if is_ascending { after.max(filter.lower_key()) } else { least(before, filter.upper_key()) };
    let page_size = if filter.selects_all() { limit } else { MAX_PAGE };
    let (mut found, mut examined, mut last_examined) = (Vec::<Message>::new(), 0, None);
    loop {
        let page = match &at {
            None => Page::Newest,
            Some(key) if is_ascending => Page::After(key),
            Some(key) => Page::Before(key),
        };
        let HistoryPage { messages, next } =
            selection.page(state, &conversations, page, page_size).await.map_err(unavailable)?;
        examined += page_size;
        let is_over = messages.last().is_some_and(|last| filter.is_beyond(last, is_ascending));
        let next = next.filter(|_| !is_over);
        last_examined = messages.last().map(|last| last.id.clone()).or(last_examined);
        let selects = |message: &Message| selection.contains(message) && filter.selects(message);
        let mut selected = messages.into_iter().filter(selects);
        found.extend(selected.by_ref().take(limit - found.len()));
        if found.len() == limit {
            let has_more = next.is_some() || selected.next().is_some();
            let next = found.last().filter(|_| has_more).map(|last| last.id.clone());
            return Ok(Found { messages: found, next });
        }
        // A cursor is a message that is there: where all were erased, the search goes on.
        let is_enough = examined >= EXAMINED && last_examined.is_some();
        if next.is_none() || is_enough {
            return Ok(Found { messages: found, next: last_examined.filter(|_| next.is_some()) });
        }
        at = next;
    }
}

/// The smaller one of two keys, of which either may be absent.
fn least(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The key at which a page begins: that of a message of the selection.
async fn cursor(
    state: &AppState,
    selection: &Selection,
    field: &str,
    request: ApiRequest<'_>,
) -> Result<Option<String>, ApiError> {
    let Some(id) = request.query(field) else { return Ok(None) };
    let unknown = || ApiError::invalid(field, format!("`{field}` must be the `messageId` of a message of these."));
    let id: MessageId = id.parse().map_err(|_| unknown())?;
    let found = state.messages.get(&id).await.map_err(unavailable)?;
    let found = found.filter(|message| selection.contains(message)).ok_or_else(unknown)?;
    Ok(Some(found.history_key))
}
