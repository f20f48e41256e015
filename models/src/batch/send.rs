//! `send`: the steps of a request up to its charge, and how it ends.

use super::mechanism::Mechanism;
use super::model::{Call, Transition};
use super::part::Part;
use super::state::{ALL_ROWS, ROWS, Record, Request, Step};
use crate::response::Response;

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
            Step::FindRows => self.find_rows(request),
            Step::Charge => self.charge(request, call),
            Step::FindAgain(refusal) => self.find_again(request, refusal),
            Step::Begin => self.begin(request, call),
            Step::Insert(row) => self.insert(request, row, call),
            Step::Withdraw(row) => self.withdraw(request, row, call),
            Step::Accept => self.accept_own(request, call),
            Step::EndCharge(refunded, response) => self.end_charge(request, (refunded, response), call),
            step @ (Step::NotSent | Step::Responded(_) | Step::Dead) => step,
        };
        self.request(request).repeating = call == Call::Repeated;
        if call != Call::Repeated {
            self.request(request).step = next; // else the same step again
        }
    }

    fn find(&mut self, request: u8) -> Step {
        match self.batch_of(request).record {
            Some(record) => self.decide(request, record),
            None => {
                self.check_rows(request);
                Step::Charge
            }
        }
    }

    /// Decides about the record of an earlier request with the key.
    fn decide(&mut self, request: u8, record: Record) -> Step {
        self.part(Part::Decide);
        let own = *self.request(request);
        if record.is_accepted {
            self.note_answer(request, record.listed());
            return Step::Responded(Response::Accepted);
        }
        if own.began_after & 1 << record.nonce == 0 && self.has(Mechanism::InProgress) {
            return Step::Responded(Response::InProgress);
        }
        self.request(request).broken_off = Some(record.nonce);
        Step::FindRows
    }

    fn find_rows(&mut self, request: u8) -> Step {
        self.part(Part::StoredRows);
        self.request(request).earlier = self.batch_of(request).recorded();
        self.check_rows(request);
        Step::Charge
    }

    /// Rejects the last recipient if it has opted out.
    fn check_rows(&mut self, request: u8) {
        self.part(Part::CheckRows);
        let refused = if self.state.opted_out { 1 << (ROWS - 1) } else { 0 };
        let kept = if self.has(Mechanism::RecordedIsKept) { self.request(request).earlier } else { 0 };
        let own = self.request(request);
        own.rejected = refused & !kept;
        own.missing = ALL_ROWS & !own.rejected & !own.earlier;
    }

    fn charge(&mut self, request: u8, call: Call) -> Step {
        self.part(Part::Charge);
        let credits = self.charged(request);
        let reserved = self.state.reserved[request as usize];
        if call == Call::Lost {
            return Step::FindAgain(Response::Refused);
        }
        let may = self.state.credits >= credits.cast_signed() || !self.has(Mechanism::Credits);
        if may && (reserved == 0 || !self.has(Mechanism::ChargedOnce)) {
            self.state.credits -= if self.has(Mechanism::AllAtOnce) { credits.cast_signed() } else { 1 };
            self.state.reserved[request as usize] = if self.has(Mechanism::CountReserved) { credits } else { 1 };
        } else if reserved > 0 {
            // Its own, by a call whose response was lost. Without recognising it, the attempts are used up.
            let is_recognised = self.has(Mechanism::OwnCharge);
            self.state.charged_and_refused |= !is_recognised;
            return if is_recognised { Step::Begin } else { Step::FindAgain(Response::Refused) };
        } else {
            return Step::FindAgain(Response::NoCredits);
        }
        if call == Call::LostApplied { Step::FindAgain(Response::Refused) } else { Step::Begin }
    }

    /// The credits that it takes: at least one, for an end that `settle` finds.
    pub(super) const fn charged(&mut self, request: u8) -> u8 {
        let missing = self.request(request).missing.count_ones() as u8;
        if missing == 0 { 1 } else { missing }
    }

    /// Another request with the key may have taken the credits.
    fn find_again(&mut self, request: u8, refusal: Response) -> Step {
        let batch = *self.batch_of(request);
        let next = batch.record.map_or(Step::Charge, |record| self.decide(request, record));
        if matches!(next, Step::Responded(_)) {
            return next;
        }
        if self.request(request).earlier != 0 && self.has(Mechanism::NotRefusedIfRecorded) {
            return Step::Responded(Response::InProgress);
        }
        self.state.recorded_and_refused |= batch.recorded() != 0;
        Step::Responded(refusal)
    }

    /// What another request's record means for one that was charged in vain: it refunds, and then responds.
    pub(super) fn repeated(&mut self, request: u8, existing: Record) -> Step {
        let response = match self.decide(request, existing) {
            Step::Responded(response) => response,
            _ => Response::InProgress,
        };
        Step::EndCharge(self.charged(request), response)
    }

    /// Refunds what was not recorded, and responds in any case: `settle` refunds it otherwise.
    fn end_charge(&mut self, request: u8, (refunded, response): (u8, Response), call: Call) -> Step {
        self.part(Part::EndCharge);
        if call != Call::Lost {
            self.settle_reservation(request, refunded);
        }
        Step::Responded(response)
    }

    /// `Ledger::settle_reservation`.
    pub(super) fn settle_reservation(&mut self, nonce: u8, refunded: u8) {
        self.part(Part::SettleReservation);
        if self.state.reserved[nonce as usize] > 0 || !self.has(Mechanism::RefundedOnce) {
            self.state.reserved[nonce as usize] = 0;
            self.state.credits += refunded.cast_signed();
        }
    }

    pub(super) fn note_answer(&mut self, request: u8, accepted: u8) {
        let earlier = self.batch_of(request).answered.replace(accepted);
        self.state.answers_differ |= earlier.is_some_and(|earlier| earlier != accepted);
    }
}
