//! `settle`: a reservation whose request has ended; the record with its message's id decides.

use super::mechanism::Mechanism;
use super::model::Transition;
use super::part::Part;
use super::state::{Settler, Status};

impl Transition {
    /// `ReservationOutcome::read`.
    pub(super) fn settle(&mut self, nonce: u8) {
        self.part(Part::ReservationOutcome);
        let message = self.message(nonce);
        let own = |nonce_of: u8| nonce_of == nonce || !self.has(Mechanism::ByNonce);
        self.state.settler = match self.record(message).filter(|record| own(record.nonce)) {
            None => Settler::Refund(nonce),
            Some(record) if record.status == Status::Queued => Settler::EnqueueAgain(nonce),
            Some(_) => Settler::Release(nonce),
        };
    }

    /// What follows from the outcome.
    pub(super) fn settle_next(&mut self) {
        self.part(Part::ResolveReservation);
        let ordered = self.has(Mechanism::EnqueueThenRelease);
        self.state.settler = match self.state.settler {
            Settler::Idle => Settler::Idle,
            Settler::Refund(nonce) => {
                self.refund(nonce);
                Settler::Idle
            }
            Settler::EnqueueAgain(nonce) => {
                if !ordered && self.state.reserved & self.reservation(nonce) != 0 {
                    self.state.reserved &= !self.reservation(nonce);
                    return; // and only then the enqueue
                }
                self.put_in_queue_again(self.message(nonce));
                if ordered { Settler::Release(nonce) } else { Settler::Idle }
            }
            Settler::Release(nonce) => {
                self.part(Part::ReleaseReservation);
                self.state.reserved &= !self.reservation(nonce);
                Settler::Idle
            }
        };
    }
}
