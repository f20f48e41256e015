//! Messages that `deliver` moved back, because the message that they quote is behind them, or because another request with the same
//! Idempotency-Key had the record.

use shared::aws::ProcessingError;
use shared::clock;
use shared::message::{MovedBack, State};

use crate::settler::Settler;

/// Enqueues a message again that is still queued, behind the others of its conversation.
pub async fn enqueue_if_queued(settler: &Settler, moved: &MovedBack) -> Result<(), ProcessingError> {
    match settler.messages.get(&moved.message_id).await? {
        Some(message) if message.status == State::Queued => {
            Ok(settler.queues.enqueue_again(&message, clock::now()).await?)
        }
        _ => Ok(()),
    }
}
