//! deliver: from the batch to the claim, the POST and the end of the batch.

use super::action::Outcome;
use super::mechanism::Mechanism;
use super::part::Part;
use super::process::{Entry, Result, Settler, Step, Worker};
use super::record::{Claim, Status};
use super::state::Flaw;
use super::turn::Turn;

impl Turn {
    /// A process of deliver.
    pub const fn worker(&mut self, process: u8) -> &mut Worker {
        &mut self.state.workers[process as usize]
    }

    /// Lambda gives a process a batch of the conversation.
    pub fn receive(&mut self, process: u8, batch: u8) {
        self.part(Part::Batch);
        for message in (0..2).filter(|message| batch & 1 << message != 0) {
            self.state.entries[message] = Entry::InFlight;
        }
        *self.worker(process) = Worker { rest: batch, ..Worker::IDLE };
        self.next(process);
    }

    /// The process claims its message. Without an answer, it is about to do so again.
    pub fn claim(&mut self, process: u8, answered: bool) {
        self.part(Part::Claim);
        let (message, again) = (self.worker(process).message, self.worker(process).step == Step::Claim { again: true });
        let record = *self.record(message);
        let own = again && self.has(Mechanism::OwnClaim) && record.claim == self.worker(process).claim;
        if own {
            self.own(process);
        } else if record.status == Status::Queued || !self.has(Mechanism::Claim) {
            self.bring(message, Status::Sending);
            self.record(message).attempt += 1;
            let claim = self.new_claim(process);
            self.record(message).claim = Some(claim);
            self.own(process);
            if !answered {
                self.worker(process).step = Step::Claim { again: true };
            }
        } else {
            self.leave(process);
        }
    }

    fn own(&mut self, process: u8) {
        let message = self.worker(process).message;
        let record = *self.record(message);
        let worker = self.worker(process);
        (worker.attempt, worker.claim, worker.step) = (record.attempt, record.claim, Step::Post);
    }

    /// One that nobody knows of: all that matters of a random one.
    fn new_claim(&self, process: u8) -> Claim {
        let of_workers = self.state.workers.iter().map(|worker| worker.claim);
        let of_records = self.state.records.iter().map(|record| record.claim);
        let of_settler = match self.state.settler {
            Settler::MakeUnknown(_, _, claim) => claim,
            _ => None,
        };
        let known: Vec<_> =
            of_workers.chain(of_records).chain([of_settler]).flatten().map(|claim| claim.token).collect();
        let token = (0..=u8::MAX).find(|token| !known.contains(token)).unwrap_or_default();
        Claim { process, token }
    }

    /// The message has expired, or its instance is disconnected.
    pub fn fail_untried(&mut self, process: u8) {
        self.part(Part::FailUntried);
        let message = self.worker(process).message;
        if self.record(message).status == Status::Queued {
            self.fail(message, Status::Failed);
            self.done(process);
        } else {
            self.leave(process);
        }
    }

    /// A message that can't be claimed.
    fn leave(&mut self, process: u8) {
        self.part(Part::Standing);
        self.part(Part::Leave);
        let message = self.worker(process).message;
        let record = *self.record(message);
        (self.worker(process).attempt, self.worker(process).claim) = (record.attempt, record.claim);
        match record.status {
            Status::Sending if !record.lease_ended => self.later(process),
            Status::Sending if self.has(Mechanism::LeaseToUnknown) => {
                self.worker(process).step = Step::Write(Result::Unknown);
            }
            Status::Sending => {
                self.record(message).attempt += 1;
                let claim = self.new_claim(process);
                self.record(message).claim = Some(claim);
                self.record(message).lease_ended = false;
                self.own(process);
            }
            Status::Unknown | Status::Held if self.has(Mechanism::SettledBeforeForgotten) => {
                self.worker(process).step = Step::HaveSettled;
            }
            _ => self.done(process),
        }
    }

    /// `Prepared::NotYet`: it goes back before anything is posted.
    pub fn not_yet(&mut self, process: u8) {
        self.part(Part::NotYet);
        self.worker(process).step = Step::Write(Result::ReleaseUnposted);
    }

    /// `Prepared::Failed`.
    pub fn never(&mut self, process: u8) {
        self.part(Part::Never);
        self.worker(process).step = Step::Write(Result::Fail);
    }

    /// What comes of the POST of a claimed message, and what is to be written about it.
    pub fn post(&mut self, process: u8, outcome: Outcome, attempts: u8) {
        self.part(Part::Post);
        let Worker { message, attempt, frozen, .. } = *self.worker(process);
        self.see_that_none_is_overtaken(message, frozen);
        if self.state.ledgers[message as usize].maybe {
            self.state.flaw(Flaw::PostedAgain);
        }
        let ledger = &mut self.state.ledgers[message as usize];
        ledger.maybe |= !matches!(outcome, Outcome::RefusedForNow | Outcome::Refused | Outcome::NotSent);
        if matches!(outcome, Outcome::Accepted | Outcome::Held | Outcome::TakenUnanswered) {
            ledger.taken = Some(attempt);
        }
        if matches!(outcome, Outcome::RefusedForNow | Outcome::Refused) {
            ledger.refused |= 1 << attempt;
        }
        let again = if attempt < attempts { Result::Release } else { Result::Fail };
        let unknown = if self.has(Mechanism::NoAnswerIsUnknown) { Result::Unknown } else { again };
        self.worker(process).step = Step::Write(match outcome {
            Outcome::Accepted => Result::Sent,
            Outcome::Held => Result::Held,
            Outcome::TakenUnanswered | Outcome::Unanswered => unknown,
            Outcome::RefusedForNow | Outcome::NotSent => again,
            Outcome::Refused => Result::Fail,
        });
    }

    /// Those before it have left or never will; those after it have not left, unless its process was frozen too long.
    fn see_that_none_is_overtaken(&mut self, message: u8, frozen: bool) {
        let (records, entries) = (&self.state.records, &self.state.entries);
        let waits = |at: usize| {
            matches!(records[at].status, Status::Queued | Status::Sending) && entries[at] != Entry::DeadLetter
        };
        let before = (0..message as usize).any(waits);
        let after = (message as usize + 1..2).any(|at| self.state.ledgers[at].maybe);
        if before || after && !frozen {
            self.state.flaw(Flaw::Overtook);
        }
    }

    /// The attempt is in settle's queue, so the delivery queue may forget it.
    pub fn have_settled(&mut self, process: u8) {
        self.part(Part::HaveSettled);
        let Worker { message, attempt, .. } = *self.worker(process);
        self.state.unsettled[message as usize] |= 1 << attempt;
        self.done(process);
    }

    /// `Next::Done`.
    pub fn done(&mut self, process: u8) {
        let worker = self.worker(process);
        worker.done |= 1 << worker.message;
        self.next(process);
    }

    /// `Next::Later`: it and those behind it stay in the queue.
    pub fn later(&mut self, process: u8) {
        if self.has(Mechanism::GroupOrder) {
            self.worker(process).rest = 0;
        }
        self.next(process);
    }

    fn next(&mut self, process: u8) {
        let worker = self.worker(process);
        (worker.attempt, worker.claim) = (0, None);
        if worker.rest != 0 {
            worker.message = u8::from(worker.rest & 1 == 0);
            worker.rest &= !(1 << worker.message);
            worker.step = Step::Claim { again: false };
        } else if worker.done != 0 {
            worker.message = 0;
            worker.step = Step::Return;
        } else {
            *worker = Worker::IDLE;
        }
    }

    /// A message is to be seen again: whoever received it has an expired receipt.
    pub fn visibility_ends(&mut self, message: u8) {
        self.state.entries[message as usize] = Entry::Visible;
        for worker in &mut self.state.workers {
            let has = worker.step != Step::Idle
                && (worker.message == message || (worker.rest | worker.done) & 1 << message != 0);
            worker.expired |= u8::from(has) << message;
        }
    }

    /// The batch returns: Lambda deletes what is done. A FIFO queue takes no expired receipt.
    pub fn end_batch(&mut self, process: u8) {
        self.part(Part::Batch);
        let done = self.worker(process).done & !self.worker(process).expired;
        for message in (0..2).filter(|message| done & 1 << message != 0) {
            if self.state.entries[message] != Entry::DeadLetter {
                self.state.entries[message] = Entry::Deleted;
            }
        }
        *self.worker(process) = Worker::IDLE;
    }
}
