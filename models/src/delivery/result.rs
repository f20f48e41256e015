//! deliver's writes about an attempt: each function of `result.rs`.

use super::mechanism::Mechanism;
use super::part::Part;
use super::process::{Result, Step, Worker};
use super::record::{Status, Told};
use super::state::Flaw;
use super::turn::Turn;

impl Turn {
    /// Writes a result. When the answer is lost the write stands, and the process is about to repeat it.
    pub fn write(&mut self, process: u8, result: Result, answered: bool) {
        let before = *self.worker(process);
        let forgot = self.state.has(Flaw::Forgot);
        match result {
            Result::Sent => self.sent(process),
            Result::Revive => self.revive_sent(process),
            Result::SentLate => self.sent_late(process),
            Result::Held => self.held(process),
            Result::Unknown => self.unknown(process),
            Result::Release => self.release(process, false),
            Result::ReleaseUnposted => self.release(process, true),
            Result::Fail => self.fail_attempt(process),
        }
        if !answered {
            *self.worker(process) = before;
            if !forgot {
                self.state.flaws &= !(1 << Flaw::Forgot as u8);
            }
        }
    }

    /// `of_attempt`.
    fn is_of_attempt(&mut self, process: u8) -> bool {
        let Worker { message, attempt, .. } = *self.worker(process);
        self.record(message).attempt == attempt || !self.has(Mechanism::ResultOfAttempt)
    }

    fn is_under_way(&mut self, process: u8) -> bool {
        let message = self.worker(process).message;
        self.is_of_attempt(process) && self.is_of_claim(process) && self.record(message).status == Status::Sending
    }

    fn is_of_claim(&mut self, process: u8) -> bool {
        let Worker { message, claim, .. } = *self.worker(process);
        self.record(message).claim == claim || !self.has(Mechanism::ByClaim)
    }

    fn sent(&mut self, process: u8) {
        self.part(Part::Sent);
        let message = self.worker(process).message;
        let record = *self.record(message);
        if self.is_of_attempt(process) && record.status.rank() < Status::Sent.rank() && !record.refunded {
            self.bring(message, Status::Sent);
            self.tell(message, Told::Sent);
        } else if record.status == Status::Unconfirmed && self.has(Mechanism::LateAnswerRevives) {
            self.worker(process).step = Step::Write(Result::Revive);
            return;
        } else if !self.is_told(message, Told::Sent) && self.has(Mechanism::SentLate) {
            self.worker(process).step = Step::Write(Result::SentLate);
            return;
        }
        self.answered(process);
    }

    fn revive_sent(&mut self, process: u8) {
        self.part(Part::Revive);
        let message = self.worker(process).message;
        let below = self.record(message).status.rank() < Status::Sent.rank();
        let applied = self.is_of_attempt(process) && below && self.revive(message, Told::Sent);
        if !applied && self.has(Mechanism::CorrectedOrAgain) {
            self.worker(process).step = Step::Write(Result::Sent);
        } else {
            self.answered(process);
        }
    }

    fn sent_late(&mut self, process: u8) {
        self.part(Part::SentLate);
        let message = self.worker(process).message;
        if self.is_of_attempt(process) && !self.is_told(message, Told::Sent) {
            self.tell(message, Told::Sent);
        }
        self.answered(process);
    }

    /// WhatsApp's answer is dealt with: the record must say so.
    fn answered(&mut self, process: u8) {
        let message = self.worker(process).message;
        if !self.is_told(message, Told::Sent) || self.record(message).status == Status::Unconfirmed {
            self.state.flaw(Flaw::Forgot);
        }
        self.done(process);
    }

    fn held(&mut self, process: u8) {
        self.part(Part::Held);
        if self.is_under_way(process) {
            let message = self.worker(process).message;
            self.bring(message, Status::Held);
        }
        self.worker(process).step = Step::HaveSettled;
    }

    fn unknown(&mut self, process: u8) {
        self.part(Part::Unknown);
        if self.is_under_way(process) {
            let message = self.worker(process).message;
            self.bring(message, Status::Unknown);
        } else if self.has(Mechanism::UnknownOrAgain) {
            self.later(process);
            return;
        }
        self.worker(process).step = Step::HaveSettled;
    }

    fn release(&mut self, process: u8, unposted: bool) {
        self.part(if unposted { Part::ReleaseUnposted } else { Part::Release });
        let message = self.worker(process).message;
        let sending = self.record(message).status == Status::Sending || !self.has(Mechanism::ReleaseWhileSending);
        if self.is_of_attempt(process) && self.is_of_claim(process) && sending {
            self.bring(message, Status::Queued);
            self.record(message).attempt -= u8::from(unposted);
        }
        self.later(process);
    }

    fn fail_attempt(&mut self, process: u8) {
        self.part(Part::Fail);
        if self.is_under_way(process) {
            let message = self.worker(process).message;
            self.fail(message, Status::Failed);
            self.done(process);
        } else if self.has(Mechanism::FailOrAgain) {
            self.later(process);
        } else {
            self.done(process);
        }
    }
}
