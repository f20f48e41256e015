//! `deliver`: the claim of a message, and what is done about one that cannot be claimed.

use super::mechanism::Mechanism;
use super::model::Transition;
use super::part::Part;
use super::process::{AttemptWrite, Settler, Step};
use super::record::{Claim, Status};

impl Transition {
    /// The process claims its message. When the response is lost, the SDK is about to repeat the claim.
    pub fn claim(&mut self, process: u8, answered: bool) {
        self.part(Part::Claim);
        let (message, step) = (self.worker(process).message, self.worker(process).step);
        let record = *self.record(message);
        let is_repeated = step == Step::Claim { repeated: true };
        let is_own = is_repeated && self.has(Mechanism::OwnClaim) && record.claim == self.worker(process).claim;
        if is_own {
            self.claimed(process);
        } else if record.status == Status::Queued || !self.has(Mechanism::ClaimWhileQueued) {
            self.set_status(message, Status::Sending);
            self.record(message).attempt += 1;
            let claim = self.new_claim(process);
            self.record(message).claim = Some(claim);
            self.claimed(process);
            if !answered {
                self.worker(process).step = Step::Claim { repeated: true };
            }
        } else {
            self.resolve(process);
        }
    }

    fn claimed(&mut self, process: u8) {
        let message = self.worker(process).message;
        let record = *self.record(message);
        let worker = self.worker(process);
        (worker.attempt, worker.claim, worker.step) = (record.attempt, record.claim, Step::Post);
    }

    /// A claim that differs from every known one, as a random one does.
    fn new_claim(&self, process: u8) -> Claim {
        let of_workers = self.state.workers.iter().map(|worker| worker.claim);
        let of_records = self.state.records.iter().map(|record| record.claim);
        let of_settler = match self.state.settler {
            Settler::MarkUnknown(_, _, claim) => claim,
            _ => None,
        };
        let known: Vec<_> =
            of_workers.chain(of_records).chain([of_settler]).flatten().map(|claim| claim.token).collect();
        let token = (0..=u8::MAX).find(|token| !known.contains(token)).unwrap_or_default();
        Claim { process, token }
    }

    /// The message has expired, or its instance is disconnected.
    pub fn fail_queued(&mut self, process: u8) {
        self.part(Part::FailQueued);
        let message = self.worker(process).message;
        if self.record(message).status == Status::Queued {
            self.fail(message, Status::Failed);
            self.done(process);
        } else {
            self.resolve(process);
        }
    }

    /// Decides about a message that cannot be claimed.
    fn resolve(&mut self, process: u8) {
        self.part(Part::ClaimConflict);
        self.part(Part::Resolve);
        let message = self.worker(process).message;
        let record = *self.record(message);
        (self.worker(process).attempt, self.worker(process).claim) = (record.attempt, record.claim);
        match record.status {
            Status::Sending if !record.lease_ended => self.later(process),
            Status::Sending if self.has(Mechanism::ExpiredLeaseIsUnknown) => {
                self.worker(process).step = Step::Write(AttemptWrite::MarkUnknown);
            }
            Status::Sending => {
                self.record(message).attempt += 1;
                let claim = self.new_claim(process);
                self.record(message).claim = Some(claim);
                self.record(message).lease_ended = false;
                self.claimed(process);
            }
            Status::Unknown | Status::Held if self.has(Mechanism::HandedToSettle) => {
                self.worker(process).step = Step::HandToSettle;
            }
            _ => self.done(process),
        }
    }
}
