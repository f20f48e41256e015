//! Delivery: claims, POSTs, unknown outcomes, callbacks, `settle` and refunds, for the messages of one conversation.

pub mod action;
pub mod mechanism;
pub mod part;
pub mod process;
pub mod property;
pub mod record;
pub mod state;

mod attempt;
mod deliver;
mod enabled;
mod model;
mod quiescence;
mod receive;
mod settle;
mod transition;

use std::cell::Cell;
use std::sync::atomic::Ordering;

use stateright::{Model, Property};

pub use model::{Bounds, Delivery};

use action::Action;
use process::{Entry, Receiver, Settler, Worker};
use record::Status;
use state::State;
use transition::Transition;

impl Delivery {
    /// The state after an action.
    fn after(&self, state: &State, action: Action) -> State {
        let mut transition = Transition { state: state.clone(), active: self.active, parts: Cell::new(0) };
        self.act(&mut transition, action);
        self.covered.fetch_or(transition.parts.get(), Ordering::Relaxed);
        transition.state
    }

    fn act(&self, transition: &mut Transition, action: Action) {
        match action {
            Action::Receive(process, batch) => transition.receive(process, batch),
            Action::Claim(process) => transition.claim(process, true),
            Action::ClaimResponseLost(process) => transition.claim(process, false),
            Action::FailQueued(process) => transition.fail_queued(process),
            Action::Wait(process) => transition.wait(process),
            Action::FailPrepared(process) => transition.fail_prepared(process),
            Action::Post(process, outcome) => transition.post(process, outcome, self.bounds.attempts),
            Action::Write(process, write) => transition.write(process, write, true),
            Action::WriteResponseLost(process, write) => transition.write(process, write, false),
            Action::HandToSettle(process) => transition.hand_to_settle(process),
            Action::Return(process) => transition.end_batch(process),
            Action::Callback(message, event, attempt) => transition.callback(message, event, attempt),
            Action::Store(process) => transition.store(process),
            Action::Settle(message, attempt) => transition.settle(message, attempt),
            Action::SettleDeadLetter(message, in_time) => transition.settle_dead_letter(message, in_time),
            Action::SettleNext => transition.settle_next(),
            Action::Cancel(message) => transition.cancel(message),
            Action::LeaseEnds(message) => transition.record(message).lease_ended = true,
            Action::VisibilityEnds(message) => transition.visibility_ends(message),
            Action::Refund => {
                transition.state.pending -= 1;
                transition.state.credits += 1;
            }
            fault => transition.fault(fault),
        }
    }
}

impl Transition {
    fn cancel(&mut self, message: u8) {
        self.part(part::Part::Cancel);
        if self.record(message).status == Status::Queued {
            self.fail(message, Status::Failed);
        }
    }

    fn fault(&mut self, fault: Action) {
        self.state.faults += 1;
        match fault {
            Action::Crash(process) => *self.worker(process) = Worker::IDLE,
            Action::Freeze(process) => self.worker(process).frozen = true,
            Action::BecomesDeadLetter(message) => self.state.entries[message as usize] = Entry::DeadLetter,
            Action::ReceiveCrash(process) => self.state.receivers[process as usize] = Receiver::Idle,
            Action::SettleCrash => self.state.settler = Settler::Idle,
            Action::RefundLost => self.state.pending -= 1,
            _ => {}
        }
    }
}

impl Model for Delivery {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::start(self.bounds.messages)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.enabled(state, actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let next = self.after(state, action);
        (next != *state).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        property::all()
    }
}
