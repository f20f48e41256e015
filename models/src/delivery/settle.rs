//! `settle`: attempts of unknown outcome (`unknown_outcomes.rs`) and the dead letters of `deliver` (`dead_letters.rs`).

use super::mechanism::Mechanism;
use super::model::Transition;
use super::part::Part;
use super::process::{Entry, Settler};
use super::record::Status;

impl Transition {
    /// Receives an attempt of unknown outcome. One that has to wait longer stays in the queue, which is no step here.
    pub fn settle(&mut self, message: u8, attempt: u8) {
        self.part(Part::UnknownOutcome);
        let record = *self.record(message);
        let is_open = record.attempt == attempt && matches!(record.status, Status::Unknown | Status::Held);
        if is_open && self.has(Mechanism::SettleUnknown) {
            self.state.settler = Settler::GiveUp(message, attempt, record.status);
        } else {
            self.state.unknown_outcomes[message as usize] &= !(1 << attempt);
        }
    }

    /// Receives a dead letter. One whose lease has not ended stays in the queue.
    pub fn settle_dead_letter(&mut self, message: u8, in_time: bool) {
        self.part(Part::DeadLetter);
        let record = *self.record(message);
        if record.status == Status::Sending && !record.lease_ended {
            return;
        }
        if record.status == Status::Queued && in_time {
            self.state.settler = Settler::EnqueueAgain(message);
            return;
        }
        let is_open = match record.status {
            Status::Queued => false,
            Status::Sending | Status::Unknown => true,
            Status::Held => self.has(Mechanism::HeldDeadLetter),
            _ => false,
        };
        if record.status == Status::Queued || !self.has(Mechanism::DeadLetterWhileQueued) {
            self.part(Part::FailQueued);
            self.fail(message, Status::Failed);
        } else if is_open && self.has(Mechanism::DeadLetters) {
            self.state.settler = match record.status {
                Status::Sending => Settler::MarkUnknown(message, record.attempt, record.claim),
                _ => Settler::Enqueue(message, record.attempt),
            };
            return;
        }
        self.state.entries[message as usize] = Entry::Deleted;
    }

    /// Takes the next step.
    pub fn settle_next(&mut self) {
        match std::mem::replace(&mut self.state.settler, Settler::Idle) {
            Settler::Idle => {}
            Settler::GiveUp(message, attempt, status) => {
                self.part(Part::GiveUp);
                let record = *self.record(message);
                let is_as_read = record.status == status || !self.has(Mechanism::SettleAsRead);
                if record.attempt == attempt && is_as_read {
                    self.fail(message, Status::Unconfirmed);
                }
                self.state.unknown_outcomes[message as usize] &= !(1 << attempt);
            }
            Settler::MarkUnknown(message, attempt, claim) => {
                self.part(Part::MarkUnknown);
                let record = *self.record(message);
                let is_as_read = record.claim == claim || !self.has(Mechanism::ResultOfClaim);
                if record.status == Status::Sending && record.attempt == attempt && is_as_read {
                    self.set_status(message, Status::Unknown);
                } else if self.has(Mechanism::UnknownOrRetried) {
                    return;
                }
                self.state.settler = Settler::Enqueue(message, attempt);
            }
            Settler::EnqueueAgain(message) => {
                self.part(Part::EnqueueAgain);
                self.state.entries[message as usize] = Entry::Visible;
            }
            Settler::Enqueue(message, attempt) => {
                self.part(Part::DeadLetter);
                self.state.unknown_outcomes[message as usize] |= 1 << attempt;
                self.state.entries[message as usize] = Entry::Deleted;
            }
        }
    }
}
