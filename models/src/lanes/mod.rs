//! The order of one conversation over two queues: parallel requests, lanes, enqueues, turns and `settle`.

pub mod mechanism;
pub mod part;
pub mod property;
pub mod state;

mod deliver;
mod enabled;
mod model;
mod quiescence;
mod send;

use std::cell::Cell;
use std::sync::atomic::Ordering;

use stateright::{Model, Property};

pub use model::{Action, Lanes};

use model::Transition;
use state::State;

impl Lanes {
    /// The state after an action.
    fn after(&self, state: &State, action: Action) -> State {
        let mut transition = Transition { state: state.clone(), active: self.active, parts: Cell::new(0) };
        match action {
            Action::Begin(request) => transition.begin(request),
            Action::Charge(request, lane) => transition.charge(request, lane),
            Action::Insert(request) => transition.insert(request),
            Action::Enqueue(request) => transition.enqueue(request),
            Action::Crash(request) => transition.crash(request),
            Action::Settle(message) => transition.enqueue_again(message, false),
            Action::Repeat(message) => transition.enqueue_again(message, true),
            Action::Fail(message) => transition.fail(message),
            Action::Receive(lane) => transition.receive(lane),
            Action::Prepare(lane) => transition.prepare(lane),
            Action::Post(lane, accepted) => transition.post(lane, accepted),
            Action::LeaveBulkLane => transition.leave_bulk_lane(),
        }
        self.covered.fetch_or(transition.parts.get(), Ordering::Relaxed);
        transition.state
    }
}

impl Model for Lanes {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
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
