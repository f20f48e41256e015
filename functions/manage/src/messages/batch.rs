//! The messages of a batch, in the order of its recipients: their ids follow from the batch, so no index lists them.

use shared::message::MAX_PAGE;
use shared::message::batch_row::row_ids;

use super::filter::Filter;
use super::message_page::{Found, page};
use super::selection::chats_of;
use crate::lookup;
use crate::prelude::*;

/// Parameters that select something else.
const OTHERS: [&str; 5] = ["phone", "userId", "chatId", "reference", "before"];

/// A page of the batch's messages.
pub async fn list(
    state: &AppState,
    caller: &Caller,
    request: ApiRequest<'_>,
    filter: &Filter<'_>,
    limit: usize,
) -> ApiResult {
    if let Some(other) = OTHERS.into_iter().find(|name| request.query(name).is_some()) {
        return Err(ApiError::invalid(other, format!("`{other}` cannot be combined with `batchId`.")));
    }
    let unknown = || ApiError::invalid("batchId", "`batchId` must be the id of a batch of this account.");
    let batch = lookup::batch(state, caller, request.query("batchId").unwrap_or_default()).await;
    let batch = batch.map_err(|error| if error.code == ErrorCode::BatchNotFound { unknown() } else { error })?;
    if request.query("instanceId").is_some_and(|instance| instance != batch.instance_id.as_str()) {
        return Err(ApiError::invalid("instanceId", "`instanceId` must be the instance of the batch, or be left out."));
    }
    let ids = row_ids(&batch.id, 0..batch.recipients);
    let begin = match request.query("after") {
        None => 0,
        Some(after) => {
            let row = ids.iter().position(|id| id.as_str() == after);
            row.ok_or_else(|| ApiError::invalid("after", "`after` must be the `messageId` of a message of these."))? + 1
        }
    };
    let mut messages = Vec::new();
    for ids in ids[begin..].chunks(MAX_PAGE) {
        let found = state.messages.get_batch_eventually(ids).await.map_err(unavailable)?;
        messages.extend(found.into_iter().filter(|message| filter.selects(message)));
        if messages.len() > limit {
            break;
        }
    }
    let has_more = messages.len() > limit;
    messages.truncate(limit);
    let next = messages.last().filter(|_| has_more).map(|last| last.id.to_string());
    let chats = chats_of(state, &messages).await?;
    page(&Found { messages, next }, &chats, false)
}
