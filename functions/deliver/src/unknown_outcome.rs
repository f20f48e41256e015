//! An attempt whose outcome nobody knows: it got no answer, an answer that says nothing, or its process ended before it wrote the result.
//!
//! It is never posted again, since WhatsApp may have accepted it. The record says so, and `settle` gives the message up if no callback
//! comes. A message that WhatsApp holds waits for a callback as well.

use shared::aws::ProcessingError;
use shared::message::{Message, UnknownOutcome};

use crate::deliverer::{Deliverer, Next};

impl Deliverer {
    /// Ends an attempt of which nobody can tell whether WhatsApp accepted it.
    pub async fn end_unknown(&self, message: &Message, reason: &str) -> Result<Next, ProcessingError> {
        if !self.transitions.mark_unknown(message, reason).await? {
            return Ok(Next::SOON); // the record has changed: the next receive reads it again
        }
        self.hand_to_settle(message).await
    }

    /// Hands the message to `settle` before it is deleted from the queue.
    pub async fn hand_to_settle(&self, message: &Message) -> Result<Next, ProcessingError> {
        self.unknown_outcomes.enqueue_in_turn(&message.account_id, &UnknownOutcome::from(message)).await?;
        Ok(Next::Done)
    }
}
