//! The ownership of numbers: connects, disconnects and deletions of two instances, slow ones too, and what `receive` does
//! with the inbound messages of a number that moves.

pub mod mechanism;
pub mod part;
pub mod property;
pub mod state;

mod model;
mod receive;
mod request;

use std::cell::Cell;
use std::sync::atomic::Ordering;

use stateright::{Model, Property};

pub use model::{Action, Bounds, Ownership, Request};

use mechanism::Mechanism;
use model::Transition;
use part::Part;
use state::{Callback, State, Step};

impl Transition {
    fn has(&self, mechanism: Mechanism) -> bool {
        self.active.has(mechanism)
    }

    /// Notes that the step represents this part of the code.
    fn part(&self, part: Part) {
        self.parts.set(self.parts.get() | 1 << part as u32);
    }
}

impl Ownership {
    fn transition(&self, state: &State) -> Transition {
        Transition { state: state.clone(), active: self.active, parts: Cell::new(0) }
    }

    /// Whether a disconnect by the owner of a number would free it.
    fn can_be_freed(&self, state: &State, number: u8) -> bool {
        let Some(owner) = state.owners[number as usize] else {
            return true;
        };
        let mut transition = self.transition(state);
        let read = transition.state.instances[owner as usize];
        transition.write(Request::Disconnect(owner), read);
        transition.state.owners[number as usize].is_none()
    }
}

impl Model for Ownership {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::start(self.bounds.requests.len(), self.bounds.inbound, self.bounds.inherited)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let requests = (0..).zip(&state.requests).filter(|(_, step)| !matches!(step, Step::Done(_)));
        actions.extend(requests.map(|(number, _)| Action::Request(number)));
        if state.callback != Callback::Posted || state.inbound > 0 {
            actions.push(Action::Receive);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut transition = self.transition(state);
        match action {
            Action::Request(number) => transition.step(number, self.bounds.requests[number as usize]),
            Action::Receive => transition.receive(),
        }
        transition.note_owners();
        self.covered.fetch_or(transition.parts.get(), Ordering::Relaxed);
        (transition.state != *state).then_some(transition.state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        property::all()
    }
}
