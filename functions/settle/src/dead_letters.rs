//! The dead letters of `deliver`: the record decides, so that no message is sent twice or lost.

use shared::aws::ProcessingError;
use shared::clock;
use shared::message::{QueuedMessage, State, UnknownOutcome};

use crate::settler::Settler;

/// Enqueues a message again that is `queued`, behind the others of its conversation, until it expires; makes one that is
/// `sending` unknown when its lease has ended. That one, and one that is unknown or held already, is checked again in 15
/// minutes.
pub async fn requeue_or_mark_unknown(settler: &Settler, queued: &QueuedMessage) -> Result<(), ProcessingError> {
    tracing::error!(message_id = %queued.message_id, "dead_letter.received");
    let Some(message) = settler.messages.get(&queued.message_id).await? else {
        return Ok(());
    };
    let now = clock::now();
    match message.status {
        State::Queued if now < message.deadline => return Ok(settler.queues.enqueue_again(&message, now).await?),
        State::Queued => {
            let expired = settler.transitions.expire((&queued.account_id, &queued.message_id), None).await?;
            return expired.is_applied().then_some(()).ok_or(ProcessingError::Changed);
        }
        // It was enqueued again, and another process may be posting it.
        State::Sending if message.lease.is_some_and(|lease| now < lease) => return Err(ProcessingError::Changed),
        State::Sending => {
            if !settler.transitions.mark_unknown(&message, "deliver received it too often").await? {
                return Err(ProcessingError::Changed);
            }
        }
        State::Unknown | State::Held => {}
        _ => return Ok(()),
    }
    Ok(settler.unknown_outcomes.enqueue_in_turn(&message.account_id, &UnknownOutcome::from(&message)).await?)
}
