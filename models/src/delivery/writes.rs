//! The writes that several parts of the code share.

use super::mechanism::Mechanism;
use super::model::Transition;
use super::part::Part;
use super::record::{MessageEvent, Record, Status};
use super::state::Violation;

impl Transition {
    /// A message's record.
    pub fn record(&mut self, message: u8) -> &mut Record {
        &mut self.state.records[message as usize]
    }

    /// `set_state`, and the end of the claim.
    pub fn set_status(&mut self, message: u8, status: Status) {
        let record = self.record(message);
        let is_released = record.status == Status::Sending && status == Status::Queued;
        let moved_back = status.rank() < record.status.rank() && !is_released;
        record.status = status;
        record.claim = None;
        record.lease_ended = false;
        if moved_back {
            self.state.violate(Violation::MovedBack);
        }
    }

    /// Sets one of a record's times.
    pub fn set_time(&mut self, message: u8, event: MessageEvent) {
        let record = self.record(message);
        let is_set = record.times & event.bit() != 0;
        record.times |= event.bit();
        if is_set {
            self.state.violate(Violation::TimeSetTwice);
        }
    }

    /// Whether one of a record's times is set.
    pub fn has_time(&mut self, message: u8, event: MessageEvent) -> bool {
        self.record(message).times & event.bit() != 0
    }

    /// `Transitions::fail_and_refund`: record and credit in one transaction, unless it was refunded. Whether it was applied.
    pub fn fail(&mut self, message: u8, status: Status) -> bool {
        self.part(Part::FailAndRefund);
        if self.record(message).refunded {
            return false;
        }
        self.set_status(message, status);
        self.set_time(message, MessageEvent::Failed);
        self.record(message).refunded = true;
        if self.has(Mechanism::OneTransaction) {
            self.state.credits += 1
        } else {
            self.state.pending += 1
        }
        true
    }

    /// `Transitions::recover`: advances a failed message and charges it again. Whether it was applied.
    pub fn recover(&mut self, message: u8, event: MessageEvent) -> bool {
        self.part(Part::Recover);
        if self.has(Mechanism::ChargedAgainOnce) && !self.record(message).refunded {
            return false;
        }
        let record = self.record(message);
        record.refunded = false;
        record.recovered = true;
        if record.status == Status::Unconfirmed {
            record.times &= !MessageEvent::Failed.bit();
        }
        self.set_status(message, event.status());
        self.set_time(message, event);
        self.state.credits -= 1;
        true
    }
}
