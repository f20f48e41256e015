//! One step of the world under way: the state that it changes, and the writes that several parts of the code share.

use std::cell::Cell;

use super::mechanism::Mechanism;
use super::part::Part;
use super::record::{Record, Status, Told};
use super::state::{Flaw, State};
use crate::mechanisms::Mechanisms;

/// A step under way.
#[derive(Debug)]
pub struct Turn {
    /// The state after it.
    pub state: State,
    /// The mechanisms at work.
    pub on: Mechanisms<Mechanism>,
    /// Parts of the code that the step stands for: a bit each.
    pub parts: Cell<u32>,
}

impl Turn {
    /// The step goes through this part of the code.
    pub fn part(&self, part: Part) {
        self.parts.set(self.parts.get() | 1 << part as u32);
    }

    /// A message's record.
    pub fn record(&mut self, message: u8) -> &mut Record {
        &mut self.state.records[message as usize]
    }

    /// Whether a mechanism is at work.
    pub fn has(&self, mechanism: Mechanism) -> bool {
        self.on.has(mechanism)
    }

    /// `Change::state`, and the end of the claim.
    pub fn bring(&mut self, message: u8, status: Status) {
        let record = self.record(message);
        let lets_go = record.status == Status::Sending && status == Status::Queued;
        let went_back = status.rank() < record.status.rank() && !lets_go;
        record.status = status;
        record.claim = None;
        record.lease_ended = false;
        if went_back {
            self.state.flaw(Flaw::WentBack);
        }
    }

    /// Sets one of a record's times.
    pub fn tell(&mut self, message: u8, told: Told) {
        let record = self.record(message);
        let again = record.times & told.bit() != 0;
        record.times |= told.bit();
        if again {
            self.state.flaw(Flaw::Retold);
        }
    }

    /// Whether one of a record's times is set.
    pub fn is_told(&mut self, message: u8, told: Told) -> bool {
        self.record(message).times & told.bit() != 0
    }

    /// `Books::fail`: record and credit in one transaction, unless it was refunded. Whether it was applied.
    pub fn fail(&mut self, message: u8, status: Status) -> bool {
        self.part(Part::Refund);
        if self.record(message).refunded {
            return false;
        }
        self.bring(message, status);
        self.tell(message, Told::Failed);
        self.record(message).refunded = true;
        if self.has(Mechanism::OneTransaction) {
            self.state.credits += 1
        } else {
            self.state.pending += 1
        }
        true
    }

    /// `Books::revive`: takes a failed message back and charges it again. Whether it was applied.
    pub fn revive(&mut self, message: u8, told: Told) -> bool {
        self.part(Part::Revive);
        if self.has(Mechanism::ChargedAgainOnce) && !self.record(message).refunded {
            return false;
        }
        let record = self.record(message);
        record.refunded = false;
        record.corrected = true;
        record.times &= !Told::Failed.bit();
        self.bring(message, told.status());
        self.tell(message, told);
        self.state.credits -= 1;
        true
    }
}
