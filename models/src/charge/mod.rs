//! Charging: the charge with its reservation, the record, the queue, and what requests with one Idempotency-Key, crashes
//! and lost responses do to them.

pub mod mechanism;
pub mod part;
pub mod property;
pub mod state;

mod enabled;
mod model;
mod quiescence;
mod send;
mod settle;

use stateright::Property;

pub use model::{Action, Call, Charging, Model, Transition};

use crate::protocol::Protocol;
use mechanism::Mechanism;
use model::is_queued;
use part::Part;
use state::{Record, State, Status, Step};

impl Protocol for Charging {
    type State = State;
    type Action = Action;
    type Mechanism = Mechanism;
    type Part = Part;

    fn start(&self) -> State {
        State::start(self.granted)
    }

    fn actions(model: &Model, state: &State, actions: &mut Vec<Action>) {
        model.enabled(state, actions);
    }

    fn act(transition: &mut Transition, action: Action) {
        transition.act(action);
    }

    fn properties() -> Vec<Property<Model>> {
        property::all()
    }
}

impl Transition {
    fn act(&mut self, action: Action) {
        match action {
            Action::Send(request) => {
                let old = (0..).zip(&self.state.requests).filter(|(_, request)| request.old);
                self.request(request).began_after = old.fold(0, |bits, (number, _)| bits | 1 << number);
                self.request(request).step = Step::Find;
            }
            Action::Step(request, call) => self.step(request, call),
            Action::Insert(request, call) => self.end_insert(request, call),
            Action::Enqueue(request, call) => self.end_enqueue(request, call),
            Action::Crash(request) => {
                self.state.faults += 1;
                self.request(request).step = Step::Dead;
            }
            Action::TimeOut(request) => self.time_out(request),
            Action::NextCharge(request) => {
                self.part(Part::Complete);
                self.request(request).completed = false;
                self.state.reserved &= !self.reservation(request);
            }
            Action::Deliver(message, entry, status) => self.deliver(message, entry, status),
            Action::MovedBack(message) => {
                self.part(Part::MovedBack);
                self.state.moved_back &= !(1 << message);
                if self.record(message).is_some_and(|record| is_queued(record.status)) {
                    self.put_in_queue_again(message);
                }
            }
            Action::Cancel(message) => {
                self.part(Part::Cancel);
                self.set_status(message, Status::Failed);
            }
            Action::Settle(nonce) => self.settle(nonce),
            Action::SettleNext => self.settle_next(),
            Action::SettleCrash => {
                self.state.faults += 1;
                self.state.settler = state::Settler::Idle;
            }
        }
    }

    const fn record(&self, message: u8) -> Option<Record> {
        self.state.records[message as usize]
    }

    const fn message(&self, request: u8) -> u8 {
        self.bounds.messages[request as usize]
    }

    /// The bit of a request's reservation.
    fn reservation(&self, request: u8) -> u8 {
        if self.has(Mechanism::ByNonce) { 1 << request } else { 1 << self.message(request) }
    }

    /// `deliver` receives an entry. A message without a record was withdrawn, and its client got a 503, unless its request is still
    /// inserting it.
    fn deliver(&mut self, message: u8, entry: u8, status: Status) {
        self.part(Part::Deliver);
        self.part(Part::Resolve);
        let may_come =
            self.state.requests.iter().any(|request| !request.old && matches!(request.step, Step::Accept { .. }));
        if self.record(message).is_none() && may_come && self.has(Mechanism::AbsentGrace) {
            return;
        }
        let is_anothers = |record: &Record| entry != send::AGAIN && record.nonce != entry;
        let is_anothers =
            self.has(Mechanism::EnqueuedByNonce) && self.record(message).as_ref().is_some_and(is_anothers);
        if is_anothers && self.has(Mechanism::ClaimedForItsRequest) {
            self.state.queue[message as usize] &= !(1 << entry);
            let may_be_withdrawn = self.record(message).is_some_and(|record| record.status == Status::Queued);
            if may_be_withdrawn && self.has(Mechanism::MovedBehindAnother) {
                self.state.moved_back |= 1 << message;
            }
            return;
        }
        if let Some(record) = self.record(message).filter(|record| is_queued(record.status)) {
            if status == Status::Sent {
                self.state.sent_for_another |= is_anothers;
                self.state.posted[message as usize] += 1;
                self.state.sent_by |= 1 << record.nonce;
            }
            self.set_status(message, status);
        }
        if status != Status::Tried {
            self.state.queue[message as usize] &= !(1 << entry);
        }
    }

    fn set_status(&mut self, message: u8, status: Status) {
        if let Some(record) = &mut self.state.records[message as usize] {
            self.state.credits += i8::from(status == Status::Failed);
            record.status = status;
        }
    }
}
