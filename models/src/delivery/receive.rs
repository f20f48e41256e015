//! receive: a callback's update, by the functions of `status_update.rs`.

use super::mechanism::Mechanism;
use super::part::Part;
use super::process::Receiver;
use super::record::{Status, Told};
use super::state::Flaw;
use super::turn::Turn;

impl Turn {
    /// `store`: WhatsApp says something about an attempt.
    pub fn callback(&mut self, message: u8, told: Told, attempt: u8) {
        self.part(Part::Callback);
        match told {
            Told::Failed => {
                let ledger = &mut self.state.ledgers[message as usize];
                ledger.failed |= ledger.taken == Some(attempt);
                self.look_at_failed(message, attempt);
            }
            Told::Sent => {
                self.part(Part::SentCallback);
                if !self.is_told(message, told) {
                    self.forward(message, told);
                }
            }
            Told::Delivered | Told::Read => self.forward(message, told),
        }
    }

    /// The next write of a process of receive.
    pub fn store(&mut self, process: u8) {
        let receiver = std::mem::replace(&mut self.state.receivers[process as usize], Receiver::Idle);
        match receiver {
            Receiver::Idle => {}
            Receiver::Forward(message, told) => self.forward(message, told),
            Receiver::Revive(message, told) => self.correct(message, told),
            Receiver::AddTime(message, told) => {
                if !self.is_told(message, told) || !self.has(Mechanism::TimeOnce) {
                    self.tell(message, told);
                }
                self.acknowledge(message, told);
            }
            Receiver::Fail(message, attempt, status) => self.write_failed(message, attempt, status),
        }
    }

    fn then(&mut self, receiver: Receiver) {
        if let Some(idle) = self.state.receivers.iter_mut().find(|receiver| **receiver == Receiver::Idle) {
            *idle = receiver;
        }
    }

    fn is_new(&mut self, message: u8, told: Told) -> bool {
        !self.is_told(message, told) || !self.has(Mechanism::TimeOnce)
    }

    fn forward(&mut self, message: u8, told: Told) {
        self.part(Part::Forward);
        let record = *self.record(message);
        let is_below = record.status.rank() < told.status().rank();
        let may = !record.refunded || !self.has(Mechanism::ChargedAgain);
        if self.is_new(message, told) && (is_below || !self.has(Mechanism::Rank)) && may {
            self.bring(message, told.status());
            self.tell(message, told);
            self.acknowledge(message, told);
        } else if record.refunded && is_below {
            self.then(Receiver::Revive(message, told));
        } else if !self.is_told(message, told) && self.has(Mechanism::MissingTime) {
            self.then(Receiver::AddTime(message, told));
        } else {
            self.acknowledge(message, told);
        }
    }

    fn correct(&mut self, message: u8, told: Told) {
        let is_below = self.record(message).status.rank() < told.status().rank();
        let applied = is_below && self.is_new(message, told) && self.revive(message, told);
        if !applied && self.has(Mechanism::CorrectedOrAgain) {
            self.then(Receiver::Forward(message, told));
        } else {
            self.acknowledge(message, told);
        }
    }

    /// The answer is 200, and WhatsApp will not repeat it: the record must say so.
    fn acknowledge(&mut self, message: u8, told: Told) {
        if !self.is_told(message, told) {
            self.state.flaw(Flaw::Forgot);
        }
    }

    fn look_at_failed(&mut self, message: u8, attempt: u8) {
        self.part(Part::FailedCallback);
        let record = *self.record(message);
        let is_current = record.attempt == attempt || !self.has(Mechanism::FailedOfAttempt);
        let counts = match record.status {
            Status::Unknown | Status::Held | Status::Sent => true,
            Status::Sending => self.has(Mechanism::FailedWhileSending),
            Status::Unconfirmed => self.has(Mechanism::FailedAfterUnconfirmed),
            _ => false,
        };
        if is_current && counts {
            self.then(Receiver::Fail(message, record.attempt, record.status));
        } else {
            self.acknowledge_failed(message, attempt);
        }
    }

    /// When the record is not as it was read, it is looked at again, or WhatsApp repeats the callback: the same here.
    fn write_failed(&mut self, message: u8, attempt: u8, status: Status) {
        self.part(Part::FailedWrite);
        let record = *self.record(message);
        let is_as_read = record.status == status || !self.has(Mechanism::FailedAsRead);
        if record.attempt != attempt || !is_as_read {
            return;
        }
        if status == Status::Unconfirmed {
            self.part(Part::ConfirmFailure);
            self.bring(message, Status::Failed);
        } else {
            self.fail(message, Status::Failed);
        }
        self.acknowledge_failed(message, attempt);
    }

    fn acknowledge_failed(&mut self, message: u8, attempt: u8) {
        let ledger = &mut self.state.ledgers[message as usize];
        ledger.failed_heard |= ledger.taken == Some(attempt);
    }
}
