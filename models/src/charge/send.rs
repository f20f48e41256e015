//! send: a request's steps, each a call to AWS.

use super::mechanism::Mechanism;
use super::part::Part;
use super::state::{Answer, Record, Request, Status, Step};
use super::{Call, Turn};

/// The bit of what is put into the queue again.
const AGAIN: u8 = 7;

impl Turn {
    pub(super) const fn request(&mut self, request: u8) -> &mut Request {
        &mut self.state.requests[request as usize]
    }

    pub(super) fn time_out(&mut self, request: u8) {
        let request = self.request(request);
        request.old = true;
        if !matches!(request.step, Step::Answered(_)) {
            request.step = Step::Dead;
        }
    }

    /// Its next step, with what comes of the call.
    pub(super) fn step(&mut self, request: u8, call: Call) {
        self.state.faults += u8::from(call != Call::Answered);
        let next = match self.request(request).step {
            Step::Find => self.find(request),
            Step::Charge => self.charge(request, call),
            Step::Insert => self.insert(request, call),
            Step::Enqueue => self.enqueue(request, call),
            Step::Withdraw { enqueued } => self.withdraw(request, enqueued, call),
            Step::GiveBack { again } => self.give_back_own(request, again, call),
            Step::AnswerAgain { found } => self.answer_again(request, found),
            Step::EnqueueAgain => self.enqueue_again(request, call),
            step @ (Step::NotSent | Step::Answered(_) | Step::Dead) => step,
        };
        let message = self.message(request);
        let own = self.request(request);
        own.repeating = call == Call::Repeated;
        if call == Call::Repeated {
            return; // the same step once more
        }
        own.step = next;
        if next == Step::Answered(Answer::Accepted) {
            self.state.accepted |= 1 << message;
        }
    }

    fn find(&self, request: u8) -> Step {
        self.part(Part::Find);
        self.record(self.message(request)).map_or(Step::Charge, |found| Step::AnswerAgain { found })
    }

    fn charge(&mut self, request: u8, call: Call) -> Step {
        self.part(Part::Charge);
        let reservation = self.reservation(request);
        let is_reserved = self.state.reserved & reservation != 0;
        if call == Call::Lost {
            return Step::Answered(Answer::Refused);
        }
        let may = self.state.credits >= 1 || !self.has(Mechanism::Credit);
        if may && (!is_reserved || !self.has(Mechanism::ChargedOnce)) {
            self.state.credits -= 1;
            self.state.reserved |= reservation;
        } else if is_reserved {
            // Its own, by a call whose answer was lost. Not to know it is to ask until the guesses are used up.
            let goes_on = self.has(Mechanism::OwnCharge);
            self.state.in_vain |= !goes_on;
            return if goes_on { Step::Insert } else { Step::Answered(Answer::Refused) };
        } else {
            return Step::Answered(Answer::NoCredits);
        }
        if call == Call::LostDone { Step::Answered(Answer::Refused) } else { Step::Insert }
    }

    fn insert(&mut self, request: u8, call: Call) -> Step {
        self.part(Part::Insert);
        self.part(Part::Record);
        let message = self.message(request);
        let standing = self.record(message);
        if call == Call::Lost {
            return Step::Withdraw { enqueued: false };
        }
        let own = standing.filter(|record| record.nonce == request && self.has(Mechanism::OwnPut));
        if standing.is_none() || !self.has(Mechanism::PutIfAbsent) {
            self.state.records[message as usize] = Some(Record { nonce: request, status: Status::Queued });
        } else if own.is_none() && call != Call::LostDone {
            return Step::GiveBack { again: true };
        }
        if call == Call::LostDone { Step::Withdraw { enqueued: false } } else { Step::Enqueue }
    }

    fn enqueue(&mut self, request: u8, call: Call) -> Step {
        self.part(Part::Enqueue);
        if call != Call::Lost {
            self.put_into_queue(request);
        }
        if matches!(call, Call::Lost | Call::LostDone) {
            return Step::Withdraw { enqueued: true };
        }
        self.request(request).done = call == Call::Answered;
        Step::Answered(Answer::Accepted)
    }

    fn put_into_queue(&mut self, request: u8) {
        let message = self.message(request) as usize;
        let id = if self.has(Mechanism::QueuedByNonce) { 1 << request } else { 1 };
        if self.state.remembered[message] & id == 0 {
            self.state.remembered[message] |= id;
            self.state.queue[message] |= id;
        }
    }

    /// Puts a message in anew: a round that the queue has not seen.
    pub(super) const fn put_again(&mut self, message: u8) {
        self.state.queue[message as usize] |= 1 << AGAIN;
    }

    fn withdraw(&mut self, request: u8, enqueued: bool, call: Call) -> Step {
        self.part(Part::TakeBack);
        self.part(Part::Withdraw);
        let message = self.message(request);
        if call == Call::Lost {
            return Step::Answered(Answer::Unsure);
        }
        let may = self.record(message).is_none_or(|record| {
            (record.nonce == request || !self.has(Mechanism::WithdrawOwn))
                && (record.status == Status::Queued || !self.has(Mechanism::WithdrawUntouched))
        });
        let is_anothers = self.record(message).is_some_and(|record| record.nonce != request);
        if may {
            self.state.records[message as usize] = None;
        }
        match (call, may || is_anothers && self.has(Mechanism::GoneIfAnothers), enqueued) {
            (Call::LostDone, ..) => Step::Answered(Answer::Unsure),
            (_, true, _) => Step::GiveBack { again: false },
            (_, false, true) => {
                self.request(request).done = true;
                Step::Answered(Answer::Accepted)
            }
            (_, false, false) if self.has(Mechanism::RefusedIfWithdrawn) => Step::Answered(Answer::Unsure),
            (_, false, false) => Step::Answered(Answer::Refused),
        }
    }

    fn give_back_own(&mut self, request: u8, again: bool, call: Call) -> Step {
        if call != Call::Lost {
            self.give_back(request);
        }
        match (call, again, self.record(self.message(request))) {
            (Call::Lost | Call::LostDone, ..) => Step::Answered(Answer::Unsure),
            (_, true, Some(found)) => Step::AnswerAgain { found },
            _ => Step::Answered(Answer::Refused),
        }
    }

    /// `AccountTable::give_back`.
    pub(super) fn give_back(&mut self, request: u8) {
        self.part(Part::GiveBack);
        let reservation = self.reservation(request);
        if self.state.reserved & reservation != 0 || !self.has(Mechanism::GivenBackOnce) {
            self.state.reserved &= !reservation;
            self.state.credits += 1;
        }
    }

    fn answer_again(&self, request: u8, found: Record) -> Step {
        self.part(Part::AnswerAgain);
        self.part(Part::Standing);
        let was_old = self.state.requests[request as usize].began_after & 1 << found.nonce != 0;
        let is_old = self.state.requests[found.nonce as usize].old;
        let is_young = if self.has(Mechanism::AgeBeforeRead) { !was_old } else { !is_old };
        match found.status {
            Status::Queued if is_young && self.has(Mechanism::UnderWay) => Step::Answered(Answer::UnderWay),
            Status::Queued => Step::EnqueueAgain,
            _ => Step::Answered(Answer::Accepted),
        }
    }

    const fn enqueue_again(&mut self, request: u8, call: Call) -> Step {
        if !matches!(call, Call::Lost) {
            self.put_again(self.message(request));
        }
        let lost = matches!(call, Call::Lost | Call::LostDone);
        Step::Answered(if lost { Answer::Refused } else { Answer::Accepted })
    }
}
