//! The erasure of one message.

use shared::aws::ConditionalWrite;
use shared::clock;
use shared::message::{Message, State};

use crate::prelude::*;

/// Erases a message, unless it may still be sent.
pub async fn erase_message(state: &AppState, message: Message) -> Result<bool, ApiError> {
    Ok(is_final(state, &message).await?
        && state.messages.erase(&message, clock::now()).await.map_err(ApiError::internal)?)
}

/// Whether a message will not be sent any more. A queued one is cancelled.
async fn is_final(state: &AppState, message: &Message) -> Result<bool, ApiError> {
    let status = match message.status {
        State::Queued => {
            let canceled = state.transitions.cancel(&message.account_id, &message.id).await;
            match canceled.map_err(ApiError::internal)? {
                // Nothing is there when another erasure was faster.
                ConditionalWrite::Applied(()) | ConditionalWrite::Refused(None) => return Ok(true),
                ConditionalWrite::Refused(Some(existing)) => existing.status,
            }
        }
        status => status,
    };
    Ok(!matches!(status, State::Queued | State::Sending | State::Unknown | State::Held))
}
