//! The dead letters of `deliver`: the record decides, so that no message is sent twice or lost.

use shared::aws::{ConditionalWrite, ProcessingError};
use shared::message::{Failure, FailureCode, Message, QueuedMessage, State, UnknownOutcome};

use crate::settler::Settler;

/// Fails a message that is `queued`; makes one that is `sending` unknown. That one, and one that is unknown or held
/// already, is checked again in 15 minutes.
pub async fn settle(settler: &Settler, queued: &QueuedMessage) -> Result<(), ProcessingError> {
    tracing::error!(message_id = %queued.message_id, "dead_letter.received");
    let failure = Failure::new(FailureCode::ProviderError, "The message could not be sent.");
    let written = settler.transitions.fail_queued(&queued.account_id, &queued.message_id, &failure).await?;
    let ConditionalWrite::Refused(record) = written else {
        return Ok(());
    };
    let is_open = |message: &Message| matches!(message.status, State::Sending | State::Unknown | State::Held);
    let Some(message) = record.filter(|message| is_open(message)) else {
        return Ok(());
    };
    if message.status == State::Sending
        && !settler.transitions.mark_unknown(&message, "deliver received it too often").await?
    {
        return Err(ProcessingError::Changed);
    }
    Ok(settler.unknown_outcomes.enqueue(&UnknownOutcome::from(&*message)).await?)
}
