//! Charging: the charge with its reservation, the record, the queue, and what requests with one Idempotency-Key, crashes
//! and lost answers do to them.

pub mod mechanism;
pub mod part;
pub mod property;
pub mod state;

mod calm;
mod possible;
mod send;
mod settle;

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use stateright::{Model, Property};

use crate::mechanisms::Mechanisms;
use mechanism::Mechanism;
use part::Part;
use state::{Record, State, Status, Step};

/// How far the model goes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The message of each request: those of one Idempotency-Key have the same.
    pub messages: &'static [u8],
    /// Credits at the start.
    pub granted: i8,
    /// Crashes, and calls without an answer.
    pub faults: u8,
}

/// The model.
#[derive(Clone, Debug)]
pub struct Charging {
    /// How far it goes.
    pub bounds: Bounds,
    /// Which mechanisms are at work.
    pub on: Mechanisms<Mechanism>,
    /// Parts of the code that were gone through: a bit each.
    pub seen: Arc<AtomicU32>,
}

/// What comes of a call to AWS.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Call {
    /// It is done, and answered.
    Answered,
    /// It is done, the answer is lost, and the SDK is about to repeat it.
    Repeated,
    /// It is done, and the SDK gives up without an answer.
    LostDone,
    /// It is not done, and the SDK gives up.
    Lost,
}

/// A step of the world.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// The client sends a request, or repeats one.
    Send(u8),
    /// A request takes its next step.
    Step(u8, Call),
    /// A request crashes.
    Crash(u8),
    /// A request is as old as one can be: if its process still works on it, Lambda ends it.
    TimeOut(u8),
    /// A later charge of the process takes the reservation off.
    NextCharge(u8),
    /// Deliver takes an entry of a message: it is sent, tried, or failed, as far as its record allows.
    Deliver(u8, u8, Status),
    /// The customer cancels a message.
    Cancel(u8),
    /// Settle looks at a reservation.
    Settle(u8),
    /// Settle takes its next step.
    SettleNext,
    /// It crashes.
    SettleCrash,
}

/// A step under way.
#[derive(Debug)]
pub(crate) struct Turn {
    state: State,
    bounds: Bounds,
    on: Mechanisms<Mechanism>,
    parts: Cell<u32>,
}

impl Charging {
    /// A model.
    pub fn new(bounds: Bounds, on: Mechanisms<Mechanism>) -> Self {
        Self { bounds, on, seen: Arc::default() }
    }

    fn after(&self, state: &State, action: Action) -> State {
        let mut turn = Turn { state: state.clone(), bounds: self.bounds, on: self.on, parts: Cell::new(0) };
        turn.act(action);
        self.seen.fetch_or(turn.parts.get(), Ordering::Relaxed);
        turn.state
    }
}

impl Turn {
    fn act(&mut self, action: Action) {
        match action {
            Action::Send(request) => {
                let old = (0..).zip(&self.state.requests).filter(|(_, request)| request.old);
                self.request(request).began_after = old.fold(0, |bits, (number, _)| bits | 1 << number);
                self.request(request).step = Step::Find;
            }
            Action::Step(request, call) => self.step(request, call),
            Action::Crash(request) => {
                self.state.faults += 1;
                self.request(request).step = Step::Dead;
            }
            Action::TimeOut(request) => self.time_out(request),
            Action::NextCharge(request) => {
                self.part(Part::Done);
                self.request(request).done = false;
                self.state.reserved &= !self.reservation(request);
            }
            Action::Deliver(message, entry, status) => self.deliver(message, entry, status),
            Action::Cancel(message) => {
                self.part(Part::Cancel);
                self.bring(message, Status::Failed);
            }
            Action::Settle(nonce) => self.settle(nonce),
            Action::SettleNext => self.settle_next(),
            Action::SettleCrash => {
                self.state.faults += 1;
                self.state.settler = state::Settler::Idle;
            }
        }
    }

    /// The step goes through this part of the code.
    fn part(&self, part: Part) {
        self.parts.set(self.parts.get() | 1 << part as u32);
    }

    fn has(&self, mechanism: Mechanism) -> bool {
        self.on.has(mechanism)
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

    /// Deliver takes an entry. A message without a record is somebody's who was told so.
    fn deliver(&mut self, message: u8, entry: u8, status: Status) {
        self.part(Part::Deliver);
        if let Some(record) = self.record(message).filter(|record| is_queued(record.status)) {
            if status == Status::Sent {
                self.state.posted[message as usize] += 1;
                self.state.sent_by |= 1 << record.nonce;
            }
            self.bring(message, status);
        }
        if status != Status::Tried {
            self.state.queue[message as usize] &= !(1 << entry);
        }
    }

    fn bring(&mut self, message: u8, status: Status) {
        if let Some(record) = &mut self.state.records[message as usize] {
            self.state.credits += i8::from(status == Status::Failed);
            record.status = status;
        }
    }
}

const fn is_queued(status: Status) -> bool {
    matches!(status, Status::Queued | Status::Tried)
}

impl Model for Charging {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::start(self.bounds.granted)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.possible(state, actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let next = self.after(state, action);
        (next != *state).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        property::all()
    }
}
