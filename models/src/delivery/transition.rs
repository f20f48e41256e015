//! A transition in progress: the state that it changes, and the writes that several parts of the code share.

use std::cell::Cell;

use super::mechanism::Mechanism;
use super::part::Part;
use super::record::{MessageEvent, Record, Status};
use super::state::{State, Violation};
use crate::mechanisms::Mechanisms;

/// A transition in progress.
#[derive(Debug)]
pub struct Transition {
    /// The state that it leads to.
    pub state: State,
    /// The active mechanisms.
    pub active: Mechanisms<Mechanism>,
    /// Parts of the code that the step represents: a bit each.
    pub parts: Cell<u32>,
}

impl Transition {
    /// Notes that the step represents this part of the code.
    pub fn part(&self, part: Part) {
        self.parts.set(self.parts.get() | 1 << part as u32);
    }

    /// A message's record.
    pub fn record(&mut self, message: u8) -> &mut Record {
        &mut self.state.records[message as usize]
    }

    /// Whether a mechanism is active.
    pub fn has(&self, mechanism: Mechanism) -> bool {
        self.active.has(mechanism)
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
