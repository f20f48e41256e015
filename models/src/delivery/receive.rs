//! `receive`: an update of a callback, by its `status_update.rs` and `message/transitions/callback.rs`.

use super::mechanism::Mechanism;
use super::model::Transition;
use super::part::Part;
use super::process::Receiver;
use super::record::{MessageEvent, Status};
use super::state::Violation;

impl Transition {
    /// `store_status`: WhatsApp reports something about an attempt.
    pub fn callback(&mut self, message: u8, event: MessageEvent, attempt: u8) {
        self.part(Part::StoreStatus);
        match event {
            MessageEvent::Failed => {
                let whatsapp = &mut self.state.whatsapp[message as usize];
                whatsapp.failed |= whatsapp.accepted == Some(attempt);
                self.check_failed(message, attempt);
            }
            MessageEvent::Sent => {
                self.part(Part::SentCallback);
                if !self.has_time(message, event) {
                    self.advance(message, event);
                }
            }
            MessageEvent::Delivered | MessageEvent::Read => self.advance(message, event),
        }
    }

    /// Makes the next write of a `receive` process.
    pub fn store(&mut self, process: u8) {
        let receiver = std::mem::replace(&mut self.state.receivers[process as usize], Receiver::Idle);
        match receiver {
            Receiver::Idle => {}
            Receiver::Advance(message, event) => self.advance(message, event),
            Receiver::Recover(message, event) => self.recover_or_retry(message, event),
            Receiver::AddTime(message, event) => {
                if !self.has_time(message, event) || !self.has(Mechanism::TimeOnce) {
                    self.set_time(message, event);
                }
                self.acknowledge(message, event);
            }
            Receiver::FailReported(message, attempt, status) => self.fail_reported(message, attempt, status),
        }
    }

    fn schedule(&mut self, receiver: Receiver) {
        if let Some(idle) = self.state.receivers.iter_mut().find(|receiver| **receiver == Receiver::Idle) {
            *idle = receiver;
        }
    }

    fn is_new(&mut self, message: u8, event: MessageEvent) -> bool {
        !self.has_time(message, event) || !self.has(Mechanism::TimeOnce)
    }

    fn advance(&mut self, message: u8, event: MessageEvent) {
        self.part(Part::Advance);
        let record = *self.record(message);
        let is_below = record.status.rank() < event.status().rank();
        let is_allowed = !record.refunded || !self.has(Mechanism::ChargedAgain);
        if self.is_new(message, event) && (is_below || !self.has(Mechanism::Rank)) && is_allowed {
            self.set_status(message, event.status());
            self.set_time(message, event);
            self.acknowledge(message, event);
        } else if record.refunded && is_below {
            self.schedule(Receiver::Recover(message, event));
        } else if !self.has_time(message, event) && self.has(Mechanism::MissingTime) {
            self.schedule(Receiver::AddTime(message, event));
        } else {
            self.acknowledge(message, event);
        }
    }

    fn recover_or_retry(&mut self, message: u8, event: MessageEvent) {
        let is_below = self.record(message).status.rank() < event.status().rank();
        let is_applied = is_below && self.is_new(message, event) && self.recover(message, event);
        if !is_applied && self.has(Mechanism::RecoveredOrRetried) {
            self.schedule(Receiver::Advance(message, event));
        } else {
            self.acknowledge(message, event);
        }
    }

    /// The response is 200, and WhatsApp does not repeat the callback: the record must contain it.
    fn acknowledge(&mut self, message: u8, event: MessageEvent) {
        if !self.has_time(message, event) {
            self.state.violate(Violation::NotStored);
        }
    }

    fn check_failed(&mut self, message: u8, attempt: u8) {
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
            self.schedule(Receiver::FailReported(message, record.attempt, record.status));
        } else {
            self.acknowledge_failed(message, attempt);
        }
    }

    /// Where the record has changed since it was read, the code reads it again or WhatsApp repeats the callback: one and the
    /// same here.
    fn fail_reported(&mut self, message: u8, attempt: u8, status: Status) {
        self.part(Part::FailReported);
        let record = *self.record(message);
        let is_as_read = record.status == status || !self.has(Mechanism::FailedAsRead);
        if record.attempt != attempt || !is_as_read {
            return;
        }
        if status == Status::Unconfirmed {
            self.part(Part::ConfirmFailure);
            self.set_status(message, Status::Failed);
        } else {
            self.fail(message, Status::Failed);
        }
        self.acknowledge_failed(message, attempt);
    }

    fn acknowledge_failed(&mut self, message: u8, attempt: u8) {
        let whatsapp = &mut self.state.whatsapp[message as usize];
        whatsapp.failure_acknowledged |= whatsapp.accepted == Some(attempt);
    }
}
