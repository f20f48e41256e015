//! Messages that wait in the table until a feeder enqueues them: their conversation's order, with any number of feeders,
//! pauses that processes see at different times, and crashes.

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

pub use model::{Action, Place, Waiting};

use model::Transition;
use part::Part;
use state::{Pause, State};

impl Waiting {
    /// The state after an action.
    fn after(&self, state: &State, action: Action) -> State {
        let mut transition = Transition { state: state.clone(), active: self.active, parts: Cell::new(0) };
        match action {
            Action::Begin(number) => transition.begin(number),
            Action::Accept(number, lane, place) => transition.accept(number, lane, place),
            Action::Settle(number) => transition.settle(number),
            Action::Feed(number) => transition.feed(number),
            Action::TakeOut(number) => transition.take_out(number),
            Action::Fail(number) => transition.fail(number),
            Action::Receive(lane, is_stale) => transition.receive(lane, is_stale),
            Action::Attempt(lane) => transition.attempt(lane),
            Action::Prepare(lane) => transition.prepare(lane),
            Action::Post(lane, accepted) => transition.post(lane, accepted),
            Action::Delete(lane) => transition.delete(lane),
            Action::Crash(lane) => transition.crash(lane),
            Action::Pause => {
                transition.part(Part::Pause);
                transition.state.pause = Pause::Begun;
            }
            Action::SeePause => transition.state.pause = Pause::Seen,
            Action::EndPause => transition.state.pause = Pause::Over,
            Action::LeaveBulkLane => transition.leave_bulk_lane(),
        }
        self.covered.fetch_or(transition.parts.get(), Ordering::Relaxed);
        transition.state
    }
}

impl Model for Waiting {
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
