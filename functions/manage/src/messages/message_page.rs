//! A page of messages.

use shared::message::Message;

use super::message_response::MessageResponse;
use super::selection::{Chats, chat_id};
use crate::pagination::{self, CursorPage};
use crate::prelude::*;

/// The answer with a page, in its direction or reversed.
pub fn page(found: &Found, chats: &Chats, is_reversed: bool) -> ApiResult {
    let Found { messages, next } = found;
    let mut rows = Vec::with_capacity(messages.len());
    for message in messages {
        let row = MessageResponse::new(message, chat_id(message, chats));
        rows.push(serde_json::value::to_raw_value(&row).map_err(ApiError::internal)?);
    }
    let fitting = pagination::fitting(rows.iter());
    let last_fitting = messages[..fitting].last().filter(|_| fitting < rows.len()).map(|last| last.id.to_string());
    let next_cursor = last_fitting.or_else(|| next.clone());
    rows.truncate(fitting);
    if is_reversed {
        rows.reverse();
    }
    ApiResponse::page(&rows, CursorPage { has_more: next_cursor.is_some(), next_cursor })
}

/// The messages of a page in its direction, and the cursor after which the next page begins.
pub struct Found {
    /// The messages.
    pub messages: Vec<Message>,
    /// The last one's id, or where the search ended, if others follow.
    pub next: Option<String>,
}
