//! settle: a reservation whose request has ended, by the record that stands under its message's id.

use super::Turn;
use super::mechanism::Mechanism;
use super::part::Part;
use super::state::{Settler, Status};

impl Turn {
    /// `Reservation::fate`.
    pub(super) fn settle(&mut self, nonce: u8) {
        self.part(Part::Fate);
        let message = self.message(nonce);
        let own = |nonce_of: u8| nonce_of == nonce || !self.has(Mechanism::ByNonce);
        self.state.settler = match self.record(message).filter(|record| own(record.nonce)) {
            None => Settler::GiveBack(nonce),
            Some(record) if record.status == Status::Queued => Settler::EnqueueAgain(nonce),
            Some(_) => Settler::Remove(nonce),
        };
    }

    /// What follows from it.
    pub(super) fn settle_next(&mut self) {
        self.part(Part::SettleOne);
        let ordered = self.has(Mechanism::EnqueueThenRemove);
        self.state.settler = match self.state.settler {
            Settler::Idle => Settler::Idle,
            Settler::GiveBack(nonce) => {
                self.give_back(nonce);
                Settler::Idle
            }
            Settler::EnqueueAgain(nonce) => {
                if !ordered && self.state.reserved & self.reservation(nonce) != 0 {
                    self.state.reserved &= !self.reservation(nonce);
                    return; // and only then into the queue
                }
                self.put_again(self.message(nonce));
                if ordered { Settler::Remove(nonce) } else { Settler::Idle }
            }
            Settler::Remove(nonce) => {
                self.part(Part::Remove);
                self.state.reserved &= !self.reservation(nonce);
                Settler::Idle
            }
        };
    }
}
