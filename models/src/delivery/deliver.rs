//! `deliver`: the batch, the POST and the end of the batch.

use super::action::Outcome;
use super::mechanism::Mechanism;
use super::model::Transition;
use super::part::Part;
use super::process::{AttemptWrite, Entry, Step, Worker};
use super::record::Status;
use super::state::Violation;

impl Transition {
    /// A process of `deliver`.
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

    /// `Prepared::Wait`: the message is released before anything is posted.
    pub fn wait(&mut self, process: u8) {
        self.part(Part::Prepare);
        self.worker(process).step = Step::Write(AttemptWrite::ReleaseUnposted);
    }

    /// `Prepared::Failed`: the message can never be sent.
    pub fn fail_prepared(&mut self, process: u8) {
        self.part(Part::QuotedNeverSent);
        self.worker(process).step = Step::Write(AttemptWrite::Fail);
    }

    /// Posts a claimed message, and chooses the write that follows from the outcome.
    pub fn post(&mut self, process: u8, outcome: Outcome) {
        self.part(Part::Post);
        self.part(Part::Record);
        let Worker { message, attempt, frozen, .. } = *self.worker(process);
        self.check_order(message, frozen);
        if self.state.whatsapp[message as usize].may_be_accepted {
            self.state.violate(Violation::PostedTwice);
        }
        let whatsapp = &mut self.state.whatsapp[message as usize];
        whatsapp.may_be_accepted |= !matches!(outcome, Outcome::RefusedForNow | Outcome::Refused | Outcome::NotSent);
        if matches!(outcome, Outcome::Accepted | Outcome::Held | Outcome::AcceptedUnanswered) {
            whatsapp.accepted = Some(attempt);
        }
        if matches!(outcome, Outcome::RefusedForNow | Outcome::Refused) {
            whatsapp.refused |= 1 << attempt;
        }
        let again = if attempt < self.bounds.attempts { AttemptWrite::Release } else { AttemptWrite::Fail };
        let unknown = if self.has(Mechanism::NoAnswerIsUnknown) { AttemptWrite::MarkUnknown } else { again };
        self.worker(process).step = Step::Write(match outcome {
            Outcome::Accepted => AttemptWrite::MarkSent,
            Outcome::Held => AttemptWrite::MarkHeld,
            Outcome::AcceptedUnanswered | Outcome::Unanswered => unknown,
            Outcome::RefusedForNow | Outcome::NotSent => again,
            Outcome::Refused => AttemptWrite::Fail,
        });
    }

    /// The messages before it were sent or never will be; those behind it were not sent, unless its process was frozen past
    /// its lease.
    fn check_order(&mut self, message: u8, frozen: bool) {
        let (records, entries) = (&self.state.records, &self.state.entries);
        let waits = |at: usize| {
            matches!(records[at].status, Status::Queued | Status::Sending) && entries[at] != Entry::DeadLetter
        };
        let before = (0..message as usize).any(waits);
        let after = (message as usize + 1..2).any(|at| self.state.whatsapp[at].may_be_accepted);
        if before || after && !frozen {
            self.state.violate(Violation::OutOfOrder);
        }
    }

    /// Hands the attempt to `settle`; then the message may be deleted from the delivery queue.
    pub fn hand_to_settle(&mut self, process: u8) {
        self.part(Part::HandToSettle);
        let Worker { message, attempt, .. } = *self.worker(process);
        self.state.unknown_outcomes[message as usize] |= 1 << attempt;
        self.done(process);
    }

    /// `Next::Done`: the message is deleted from the queue.
    pub fn done(&mut self, process: u8) {
        let worker = self.worker(process);
        worker.done |= 1 << worker.message;
        self.next(process);
    }

    /// `Next::Later`: the message and those behind it stay in the queue.
    pub fn later(&mut self, process: u8) {
        if self.has(Mechanism::ConversationOrder) {
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
            worker.step = Step::Claim { repeated: false };
        } else if worker.done != 0 {
            worker.message = 0;
            worker.step = Step::Return;
        } else {
            *worker = Worker::IDLE;
        }
    }

    /// A message becomes visible again: the receipt of the process that received it expires.
    pub fn visibility_ends(&mut self, message: u8) {
        self.state.entries[message as usize] = Entry::Visible;
        for worker in &mut self.state.workers {
            let has = worker.step != Step::Idle
                && (worker.message == message || (worker.rest | worker.done) & 1 << message != 0);
            worker.expired |= u8::from(has) << message;
        }
    }

    /// The batch returns, and Lambda deletes what is done. A FIFO queue refuses an expired receipt.
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
