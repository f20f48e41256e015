//! The outcome of the request that made a reservation: the record with its message's id decides, by its nonce.

use crate::aws::TableError;
use crate::clock::Timestamp;
use crate::ledger::{REQUEST_ENDED, Reservation};
use crate::message::record::Message;
use crate::message::repository::MessageRepository;
use crate::message::state::State;
use crate::message::tombstone::Stored;

/// The outcome of the request that made a reservation of one message.
#[derive(Debug)]
pub enum ReservationOutcome {
    /// The request may still be running.
    Pending,
    /// Its message was attempted, has failed, or was erased after that: the charge is kept.
    Charged,
    /// Its message is recorded and was not attempted; whether it is in the queue is not known.
    Queued(Box<Message>),
    /// It has no message: the charge is to be refunded.
    Orphaned,
}

impl ReservationOutcome {
    /// Reads the record of a reservation's message.
    pub async fn read(
        reservation: &Reservation,
        messages: &MessageRepository,
        now: Timestamp,
    ) -> Result<Self, TableError> {
        if now < reservation.at.plus(REQUEST_ENDED) {
            return Ok(Self::Pending);
        }
        let stored = messages.get_stored(&reservation.message_id).await?;
        if matches!(&stored, Some(Stored::Erased(tombstone)) if tombstone.nonce == reservation.nonce) {
            return Ok(Self::Charged);
        }
        let message = stored.and_then(Stored::message);
        Ok(match message.filter(|message| message.nonce == reservation.nonce) {
            None => Self::Orphaned,
            Some(message) if message.status == State::Queued && message.attempt == 0 => Self::Queued(message),
            Some(_) => Self::Charged,
        })
    }
}
