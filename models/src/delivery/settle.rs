//! settle: attempts of unknown outcome (`unsettled.rs`) and deliver's dead letters (`abandoned.rs`).

use super::mechanism::Mechanism;
use super::part::Part;
use super::process::{Entry, Settler};
use super::record::Status;
use super::turn::Turn;

impl Turn {
    /// The queue brings an attempt; one that has to wait longer stays in it, which is no step here.
    pub fn settle(&mut self, message: u8, attempt: u8) {
        self.part(Part::Settle);
        let record = *self.record(message);
        let is_open = record.attempt == attempt && matches!(record.status, Status::Unknown | Status::Held);
        if is_open && self.has(Mechanism::SettleUnknown) {
            self.state.settler = Settler::Fail(message, attempt, record.status);
        } else {
            self.state.unsettled[message as usize] &= !(1 << attempt);
        }
    }

    /// The dead-letter queue brings a message.
    pub fn settle_dead_letter(&mut self, message: u8) {
        self.part(Part::Abandoned);
        let record = *self.record(message);
        let is_known = match record.status {
            Status::Queued => false,
            Status::Sending | Status::Unknown => true,
            Status::Held => self.has(Mechanism::HeldDeadLetter),
            _ => false,
        };
        if record.status == Status::Queued || !self.has(Mechanism::DeadWhileQueued) {
            self.fail(message, Status::Failed);
        } else if is_known && self.has(Mechanism::DeadLetters) {
            self.state.settler = match record.status {
                Status::Sending => Settler::MakeUnknown(message, record.attempt, record.claim),
                _ => Settler::Enqueue(message, record.attempt),
            };
            return;
        }
        self.state.entries[message as usize] = Entry::Deleted;
    }

    /// Its next step.
    pub fn settle_next(&mut self) {
        match std::mem::replace(&mut self.state.settler, Settler::Idle) {
            Settler::Idle => {}
            Settler::Fail(message, attempt, status) => {
                self.part(Part::Settle);
                let record = *self.record(message);
                let is_as_read = record.status == status || !self.has(Mechanism::SettleAsRead);
                if record.attempt == attempt && is_as_read {
                    self.fail(message, Status::Unconfirmed);
                }
                self.state.unsettled[message as usize] &= !(1 << attempt);
            }
            Settler::MakeUnknown(message, attempt, claim) => {
                self.part(Part::Abandoned);
                let record = *self.record(message);
                let is_as_read = record.claim == claim || !self.has(Mechanism::ByClaim);
                if record.status == Status::Sending && record.attempt == attempt && is_as_read {
                    self.bring(message, Status::Unknown);
                } else if self.has(Mechanism::UnknownOrAgain) {
                    return;
                }
                self.state.settler = Settler::Enqueue(message, attempt);
            }
            Settler::Enqueue(message, attempt) => {
                self.part(Part::Abandoned);
                self.state.unsettled[message as usize] |= 1 << attempt;
                self.state.entries[message as usize] = Entry::Deleted;
            }
        }
    }
}
