//! Delivery: the claim, the POST, unknown outcomes, callbacks, settling, and refunds, for the messages of one conversation.

pub mod action;
pub mod mechanism;
pub mod part;
pub mod process;
pub mod property;
pub mod record;
pub mod state;

mod calm;
mod deliver;
mod possible;
mod receive;
mod result;
mod settle;
mod turn;

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use stateright::{Model, Property};

use crate::mechanisms::Mechanisms;
use action::Action;
use mechanism::Mechanism;
use process::{Entry, Receiver, Settler, Worker};
use record::Status;
use state::State;
use turn::Turn;

/// How far the model goes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Messages of the conversation, at most 2.
    pub messages: u8,
    /// Processes of deliver, at most 2.
    pub workers: u8,
    /// Processes of receive, at most 2.
    pub receivers: u8,
    /// Attempts at a message that end in a refusal or unsent.
    pub attempts: u8,
    /// Crashes, freezes and dead letters.
    pub faults: u8,
    /// Whether answers of writes are lost and the SDK repeats them, and whether the customer cancels.
    pub repeats: bool,
    /// Whether messages are put among the dead letters.
    pub dead_letters: bool,
}

/// The model.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// How far it goes.
    pub bounds: Bounds,
    /// Which mechanisms are at work.
    pub on: Mechanisms<Mechanism>,
    /// Parts of the code that were gone through: a bit each.
    pub seen: Arc<AtomicU32>,
}

impl Delivery {
    /// A model.
    pub fn new(bounds: Bounds, on: Mechanisms<Mechanism>) -> Self {
        Self { bounds, on, seen: Arc::default() }
    }

    /// The state after an action.
    fn after(&self, state: &State, action: Action) -> State {
        let mut turn = Turn { state: state.clone(), on: self.on, parts: Cell::new(0) };
        self.act(&mut turn, action);
        self.seen.fetch_or(turn.parts.get(), Ordering::Relaxed);
        turn.state
    }

    fn act(&self, turn: &mut Turn, action: Action) {
        match action {
            Action::Receive(process, batch) => turn.receive(process, batch),
            Action::Claim(process) => turn.claim(process, true),
            Action::ClaimAnswerLost(process) => turn.claim(process, false),
            Action::FailUntried(process) => turn.fail_untried(process),
            Action::NotYet(process) => turn.not_yet(process),
            Action::Never(process) => turn.never(process),
            Action::Post(process, outcome) => turn.post(process, outcome, self.bounds.attempts),
            Action::Write(process, result) => turn.write(process, result, true),
            Action::WriteAnswerLost(process, result) => turn.write(process, result, false),
            Action::HaveSettled(process) => turn.have_settled(process),
            Action::Return(process) => turn.end_batch(process),
            Action::Callback(message, told, attempt) => turn.callback(message, told, attempt),
            Action::Store(process) => turn.store(process),
            Action::Settle(message, attempt) => turn.settle(message, attempt),
            Action::SettleDeadLetter(message) => turn.settle_dead_letter(message),
            Action::SettleNext => turn.settle_next(),
            Action::Cancel(message) => turn.cancel(message),
            Action::LeaseEnds(message) => turn.record(message).lease_ended = true,
            Action::VisibilityEnds(message) => turn.visibility_ends(message),
            Action::Refund => {
                (turn.state.pending, turn.state.credits) = (turn.state.pending - 1, turn.state.credits + 1)
            }
            fault => turn.fault(fault),
        }
    }
}

impl Turn {
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
            Action::TooOften(message) => self.state.entries[message as usize] = Entry::DeadLetter,
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
