//! Records and enqueues a charged message, or withdraws it so that a 503 may say that nothing was accepted.

use std::error::Error;
use std::fmt::Display;

use shared::aws::ConditionalWrite;
use shared::http::{ApiError, ErrorCode};
use shared::ids::AccountId;
use shared::ledger::Charge;
use shared::ledger::reservation::reservation_attribute;
use shared::message::Message;

use crate::sender::Sender;

/// Reservations that wait for their processes' next charges. Beyond these each is released at once, at the price of a write.
const MAX_WAITING: usize = 32;

/// The error of a call that failed: nothing was accepted, and the client may retry in a second.
pub fn unavailable(error: impl Display) -> ApiError {
    ApiError::unavailable(error, 1)
}

/// The error of an Idempotency-Key whose message was erased: a new one might be its second.
pub fn erased() -> ApiError {
    let message = "`Idempotency-Key` was used for a message that was erased since. Use a new key.";
    ApiError::field(ErrorCode::IdempotencyKeyReused, "Idempotency-Key", message)
}

impl Sender {
    /// Inserts the record and enqueues the message at the same time: `deliver` waits for the record of what it receives. Returns the
    /// existing record when another request with the same Idempotency-Key was faster: `deliver` does nothing then for what this one enqueued.
    pub async fn record_and_enqueue(&self, message: &Message) -> Result<Option<Box<Message>>, ApiError> {
        let (inserted, enqueued) = if message.waits.is_none() {
            tokio::join!(self.messages.insert(message), self.queues.enqueue(message, 0))
        } else {
            // `settle` looks for what waits in the table once, and soon.
            (self.messages.insert(message).await, self.queues.enqueue(message, 0).await)
        };
        let error: Box<dyn Error + Send + Sync> = match (inserted, enqueued) {
            (Ok(ConditionalWrite::Applied(_)), Ok(())) => return Ok(None),
            (Ok(ConditionalWrite::Refused(Some(existing))), _) => return Ok(Some(existing)),
            (Ok(ConditionalWrite::Refused(None)), _) => {
                self.refund(message).await?;
                return Err(erased());
            }
            (Err(error), _) => error.into(),
            (_, Err(error)) => error.into(),
        };
        if self.withdraw(message).await? {
            return Err(unavailable(error));
        }
        Ok(None) // all was written after all, and `deliver` has claimed it
    }

    /// Withdraws a message and refunds its charge. `false` when the message is being sent. Without a response the outcome
    /// is unknown, and `settle` finishes by the reservation.
    async fn withdraw(&self, message: &Message) -> Result<bool, ApiError> {
        let is_withdrawn = self.messages.withdraw(message).await.map_err(ApiError::internal)?;
        if is_withdrawn {
            self.refund(message).await?;
        }
        Ok(is_withdrawn)
    }

    /// Ends the reservation of a message that is queued: with the process's next charge, which costs nothing, or at once
    /// when the ledger holds many.
    pub async fn release(&self, account: &AccountId, charge: &Charge) {
        let reservation = reservation_attribute(&charge.nonce);
        if charge.reservations.len() <= MAX_WAITING {
            return self.charger.complete(account, reservation);
        }
        if let Err(error) = self.ledger.release_reservation(account, &reservation).await {
            tracing::warn!(account_id = %account, %error, "reservation.release_failed"); // `settle` releases it
        }
    }

    /// Refunds the reserved charge of a message.
    pub async fn refund(&self, message: &Message) -> Result<(), ApiError> {
        let refunded =
            self.ledger.refund_reservation(&message.account_id, &reservation_attribute(&message.nonce)).await;
        refunded.map_err(ApiError::internal)
    }
}
