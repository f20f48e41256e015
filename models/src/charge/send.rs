//! `send`: the steps of a request, each a call to AWS.

use super::mechanism::Mechanism;
use super::model::{Call, Transition};
use super::part::Part;
use super::state::{Inserted, Record, Request, Status, Step};
use crate::response::Response;

/// Neither of the two calls has ended.
const RECORD_AND_ENQUEUE: Step = Step::Accept { inserted: None, enqueued: None };
/// The bit of an entry that was enqueued again.
pub(super) const AGAIN: u8 = 7;

impl Transition {
    pub(super) const fn request(&mut self, request: u8) -> &mut Request {
        &mut self.state.requests[request as usize]
    }

    pub(super) fn time_out(&mut self, request: u8) {
        let request = self.request(request);
        request.old = true;
        if !matches!(request.step, Step::Responded(_)) {
            request.step = Step::Dead;
        }
    }

    /// Takes the request's next step, with the outcome of its call.
    pub(super) fn step(&mut self, request: u8, call: Call) {
        self.state.faults += u8::from(call != Call::Answered);
        let next = match self.request(request).step {
            Step::Find => self.find(request),
            Step::Charge => self.charge(request, call),
            Step::Withdraw => self.withdraw(request, call),
            Step::Refund { replay } => self.refund_own(request, replay, call),
            Step::Replay { found } => self.replay(request, found),
            Step::EnqueueAgain => self.enqueue_again(request, call),
            step @ (Step::Accept { .. } | Step::NotSent | Step::Responded(_) | Step::Dead) => step,
        };
        if call != Call::Repeated {
            self.go_on(request, next); // otherwise the same step again
        }
    }

    /// The call that inserts the record ends; the one that enqueues the message may have ended.
    pub(super) fn end_insert(&mut self, request: u8, call: Call) {
        self.state.faults += u8::from(call != Call::Answered);
        let inserted = self.insert(request, call);
        if let (Step::Accept { enqueued, .. }, false) = (self.request(request).step, call == Call::Repeated) {
            self.accept(request, Some(inserted), enqueued);
        }
    }

    /// The same with the two exchanged.
    pub(super) fn end_enqueue(&mut self, request: u8, call: Call) {
        self.state.faults += u8::from(call != Call::Answered);
        self.part(Part::Enqueue);
        if call != Call::Lost {
            self.put_in_queue(request);
        }
        if let (Step::Accept { inserted, .. }, false) = (self.request(request).step, call == Call::Repeated) {
            self.accept(request, inserted, Some(call == Call::Answered));
        }
    }

    fn accept(&mut self, request: u8, inserted: Option<Inserted>, enqueued: Option<bool>) {
        self.part(Part::Accept);
        let next = match (inserted, enqueued) {
            (None, _) | (_, None) => Step::Accept { inserted, enqueued },
            (Some(Inserted::Other), _) => Step::Refund { replay: true },
            (Some(Inserted::Own), Some(true)) => Step::Responded(Response::Accepted),
            (Some(Inserted::Own | Inserted::Unanswered), _) => Step::Withdraw,
        };
        self.request(request).completed = next == Step::Responded(Response::Accepted);
        self.go_on(request, next);
    }

    fn go_on(&mut self, request: u8, next: Step) {
        self.request(request).step = next;
        if next == Step::Responded(Response::Accepted) {
            self.state.accepted |= 1 << self.message(request);
        }
    }

    fn find(&self, request: u8) -> Step {
        self.part(Part::Find);
        self.record(self.message(request)).map_or(Step::Charge, |found| Step::Replay { found })
    }

    fn charge(&mut self, request: u8, call: Call) -> Step {
        self.part(Part::Charge);
        let reservation = self.reservation(request);
        let is_reserved = self.state.reserved & reservation != 0;
        if call == Call::Lost {
            return Step::Responded(Response::Refused);
        }
        let may = self.state.credits >= 1 || !self.has(Mechanism::Credit);
        if may && (!is_reserved || !self.has(Mechanism::ChargedOnce)) {
            self.state.credits -= 1;
            self.state.reserved |= reservation;
        } else if is_reserved {
            // Its own, by a call whose response was lost. Without recognising it, the attempts are used up.
            let is_recognised = self.has(Mechanism::OwnCharge);
            self.state.charged_and_refused |= !is_recognised;
            return if is_recognised { RECORD_AND_ENQUEUE } else { Step::Responded(Response::Refused) };
        } else {
            return Step::Responded(Response::NoCredits);
        }
        if call == Call::LostApplied { Step::Responded(Response::Refused) } else { RECORD_AND_ENQUEUE }
    }

    fn insert(&mut self, request: u8, call: Call) -> Inserted {
        self.part(Part::Insert);
        let message = self.message(request);
        let existing = self.record(message);
        if call == Call::Lost {
            return Inserted::Unanswered;
        }
        let own = existing.filter(|record| record.nonce == request && self.has(Mechanism::OwnInsert));
        if existing.is_none() || !self.has(Mechanism::InsertIfAbsent) {
            self.state.records[message as usize] = Some(Record { nonce: request, status: Status::Queued });
        } else if own.is_none() && call != Call::LostApplied {
            return Inserted::Other;
        }
        if call == Call::LostApplied { Inserted::Unanswered } else { Inserted::Own }
    }

    fn put_in_queue(&mut self, request: u8) {
        let message = self.message(request) as usize;
        let id = if self.has(Mechanism::EnqueuedByNonce) { 1 << request } else { 1 };
        if self.state.remembered[message] & id == 0 {
            self.state.remembered[message] |= id;
            self.state.queue[message] |= id;
        }
    }

    /// Enqueues a message again, in a round that the queue's deduplication does not remember.
    pub(super) const fn put_in_queue_again(&mut self, message: u8) {
        self.state.queue[message as usize] |= 1 << AGAIN;
    }

    fn withdraw(&mut self, request: u8, call: Call) -> Step {
        self.part(Part::WithdrawAndRefund);
        self.part(Part::Withdraw);
        let message = self.message(request);
        if call == Call::Lost {
            return Step::Responded(Response::Unknown);
        }
        let may = self.record(message).is_none_or(|record| {
            (record.nonce == request || !self.has(Mechanism::WithdrawOwn))
                && (record.status == Status::Queued || !self.has(Mechanism::WithdrawUntouched))
        });
        let is_replaced = self.record(message).is_some_and(|record| record.nonce != request);
        if may {
            self.state.records[message as usize] = None;
        }
        match (call, may || is_replaced && self.has(Mechanism::GoneIfReplaced)) {
            (Call::LostApplied, _) => Step::Responded(Response::Unknown),
            (_, true) => Step::Refund { replay: false },
            (_, false) if self.has(Mechanism::RefusedIfWithdrawn) => {
                self.request(request).completed = true;
                Step::Responded(Response::Accepted)
            }
            (_, false) => Step::Responded(Response::Refused),
        }
    }

    fn refund_own(&mut self, request: u8, replay: bool, call: Call) -> Step {
        if call != Call::Lost {
            self.refund(request);
        }
        match (call, replay, self.record(self.message(request))) {
            (Call::Lost | Call::LostApplied, ..) => Step::Responded(Response::Unknown),
            (_, true, Some(found)) => Step::Replay { found },
            _ => Step::Responded(Response::Refused),
        }
    }

    /// `Ledger::refund_reservation`.
    pub(super) fn refund(&mut self, request: u8) {
        self.part(Part::RefundReservation);
        let reservation = self.reservation(request);
        if self.state.reserved & reservation != 0 || !self.has(Mechanism::RefundedOnce) {
            self.state.reserved &= !reservation;
            self.state.credits += 1;
        }
    }

    fn replay(&self, request: u8, found: Record) -> Step {
        self.part(Part::Replay);
        self.part(Part::ReplayDecision);
        let was_old = self.state.requests[request as usize].began_after & 1 << found.nonce != 0;
        let is_old = self.state.requests[found.nonce as usize].old;
        let is_young = if self.has(Mechanism::AgeBeforeRead) { !was_old } else { !is_old };
        match found.status {
            Status::Queued if is_young && self.has(Mechanism::InProgress) => Step::Responded(Response::InProgress),
            Status::Queued => Step::EnqueueAgain,
            _ => Step::Responded(Response::Accepted),
        }
    }

    const fn enqueue_again(&mut self, request: u8, call: Call) -> Step {
        if !matches!(call, Call::Lost) {
            self.put_in_queue_again(self.message(request));
        }
        let lost = matches!(call, Call::Lost | Call::LostApplied);
        Step::Responded(if lost { Response::Refused } else { Response::Accepted })
    }
}
