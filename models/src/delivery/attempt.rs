//! The writes of `deliver` about an attempt: the functions of `message/transitions/attempt.rs`.

use super::mechanism::Mechanism;
use super::model::Transition;
use super::part::Part;
use super::process::{AttemptWrite, Step, Worker};
use super::record::{MessageEvent, Status};
use super::state::Violation;

impl Transition {
    /// Makes a write. When the response is lost, the write is applied and the SDK is about to repeat it.
    pub fn write(&mut self, process: u8, write: AttemptWrite, answered: bool) {
        let before = *self.worker(process);
        let was_not_stored = self.state.has(Violation::NotStored);
        match write {
            AttemptWrite::MarkSent => self.mark_sent(process),
            AttemptWrite::Recover => self.recover_sent(process),
            AttemptWrite::AddSentTime => self.add_sent_time(process),
            AttemptWrite::MarkHeld => self.mark_held(process),
            AttemptWrite::MarkUnknown => self.mark_unknown(process),
            AttemptWrite::Release => self.release(process, false),
            AttemptWrite::ReleaseUnposted => self.release(process, true),
            AttemptWrite::Fail => self.fail_attempt(process),
        }
        if !answered {
            *self.worker(process) = before;
            if !was_not_stored {
                self.state.violations &= !(1 << Violation::NotStored as u8);
            }
        }
    }

    /// The condition of `end_of_attempt`.
    fn has_attempt(&mut self, process: u8) -> bool {
        let Worker { message, attempt, .. } = *self.worker(process);
        self.record(message).attempt == attempt || !self.has(Mechanism::ResultOfAttempt)
    }

    fn is_sending(&mut self, process: u8) -> bool {
        let message = self.worker(process).message;
        self.has_attempt(process) && self.has_claim(process) && self.record(message).status == Status::Sending
    }

    /// The condition that `end_of_claim` adds.
    fn has_claim(&mut self, process: u8) -> bool {
        let Worker { message, claim, .. } = *self.worker(process);
        self.record(message).claim == claim || !self.has(Mechanism::ResultOfClaim)
    }

    fn mark_sent(&mut self, process: u8) {
        self.part(Part::MarkSent);
        let message = self.worker(process).message;
        let record = *self.record(message);
        if self.has_attempt(process) && record.status.rank() < Status::Sent.rank() && !record.refunded {
            self.set_status(message, Status::Sent);
            self.set_time(message, MessageEvent::Sent);
        } else if record.status == Status::Unconfirmed && self.has(Mechanism::LateAnswerRecovers) {
            self.worker(process).step = Step::Write(AttemptWrite::Recover);
            return;
        } else if !self.has_time(message, MessageEvent::Sent) && self.has(Mechanism::LateSentTime) {
            self.worker(process).step = Step::Write(AttemptWrite::AddSentTime);
            return;
        }
        self.answered(process);
    }

    fn recover_sent(&mut self, process: u8) {
        self.part(Part::Recover);
        let message = self.worker(process).message;
        let is_below = self.record(message).status.rank() < Status::Sent.rank();
        let is_applied = self.has_attempt(process) && is_below && self.recover(message, MessageEvent::Sent);
        if !is_applied && self.has(Mechanism::RecoveredOrRetried) {
            self.worker(process).step = Step::Write(AttemptWrite::MarkSent);
        } else {
            self.answered(process);
        }
    }

    fn add_sent_time(&mut self, process: u8) {
        self.part(Part::AddSentTime);
        let message = self.worker(process).message;
        if self.has_attempt(process) && !self.has_time(message, MessageEvent::Sent) {
            self.set_time(message, MessageEvent::Sent);
        }
        self.answered(process);
    }

    /// WhatsApp's answer is processed: the record must contain it.
    fn answered(&mut self, process: u8) {
        let message = self.worker(process).message;
        if !self.has_time(message, MessageEvent::Sent) || self.record(message).status == Status::Unconfirmed {
            self.state.violate(Violation::NotStored);
        }
        self.done(process);
    }

    fn mark_held(&mut self, process: u8) {
        self.part(Part::MarkHeld);
        if self.is_sending(process) {
            let message = self.worker(process).message;
            self.set_status(message, Status::Held);
        }
        self.worker(process).step = Step::HandToSettle;
    }

    fn mark_unknown(&mut self, process: u8) {
        self.part(Part::MarkUnknown);
        if self.is_sending(process) {
            let message = self.worker(process).message;
            self.set_status(message, Status::Unknown);
        } else if self.has(Mechanism::UnknownOrRetried) {
            self.later(process);
            return;
        }
        self.worker(process).step = Step::HandToSettle;
    }

    fn release(&mut self, process: u8, unposted: bool) {
        self.part(if unposted { Part::ReleaseUnposted } else { Part::Release });
        let message = self.worker(process).message;
        let is_sending = self.record(message).status == Status::Sending || !self.has(Mechanism::ReleaseWhileSending);
        if self.has_attempt(process) && self.has_claim(process) && is_sending {
            self.set_status(message, Status::Queued);
            self.record(message).attempt -= u8::from(unposted);
        }
        self.later(process);
    }

    fn fail_attempt(&mut self, process: u8) {
        self.part(Part::Fail);
        if self.is_sending(process) {
            let message = self.worker(process).message;
            self.fail(message, Status::Failed);
            self.done(process);
        } else if self.has(Mechanism::FailedOrRetried) {
            self.later(process);
        } else {
            self.done(process);
        }
    }
}
