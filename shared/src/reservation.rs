//! What a reservation stands for: the record under its message's id decides, by its nonce.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::conditional_write::TableError;
use crate::message::Message;
use crate::message_table::MessageTable;
use crate::meter::Reservation;
use crate::state::State;

/// A request whose reservation is older has ended: send's time-out (template.yaml) and some seconds for its clock.
const ENDED: Duration = Duration::from_secs(15);

/// What became of the request that made a reservation.
#[derive(Debug)]
pub enum Fate {
    /// It may still be under way.
    Open,
    /// Its message was sent, or failed: the charge stands.
    Kept,
    /// Its message is recorded and waits; whether it is in the queue is not known.
    Queued(Box<Message>),
    /// It has no message: the charge is to be given back.
    Orphaned,
}

impl Reservation {
    /// Looks at the message.
    pub async fn fate(&self, messages: &MessageTable, now: Timestamp) -> Result<Fate, TableError> {
        if now < self.at.plus(ENDED) {
            return Ok(Fate::Open);
        }
        let message = messages.get(&self.message_id).await?.filter(|message| message.nonce == self.nonce);
        Ok(match message {
            None => Fate::Orphaned,
            Some(message) if message.status == State::Queued && message.attempt == 0 => Fate::Queued(Box::new(message)),
            Some(_) => Fate::Kept,
        })
    }
}
