//! The erasure of one message.

use shared::clock;
use shared::message::{Content, Direction, Message};

use crate::prelude::*;

/// Erases a message, unless it may still be sent.
pub async fn erase_message(state: &AppState, message: Message) -> Result<bool, ApiError> {
    if !state.transitions.end_queued(&message).await.map_err(ApiError::internal)? {
        return Ok(false);
    }
    if message.direction == Direction::Inbound && matches!(message.content, Content::Received { .. }) {
        return erase_with_file(state, &message).await;
    }
    state.messages.erase(&message, clock::now()).await.map_err(ApiError::internal)
}

/// Erases a received message and its file. The file is deleted after the tombstone is there, since whoever fetches it looks for the
/// message after it has stored the file, and deletes it then; and before, since a request that broke off finds the message no more.
async fn erase_with_file(state: &AppState, message: &Message) -> Result<bool, ApiError> {
    delete_file(state, message).await?;
    let is_erased = state.messages.erase(message, clock::now()).await.map_err(ApiError::internal)?;
    delete_file(state, message).await?;
    Ok(is_erased)
}

/// Deletes the file of a received message, if it was ever asked for.
async fn delete_file(state: &AppState, message: &Message) -> Result<(), ApiError> {
    let (account, id) = (&message.account_id, &message.id);
    if state.accounts.inbound_file(account, id).await.map_err(unavailable)?.is_some() {
        state.bucket.delete_inbound(account, id).await.map_err(ApiError::internal)?;
        state.accounts.delete_inbound_file(account, id).await.map_err(ApiError::internal)?;
    }
    Ok(())
}
