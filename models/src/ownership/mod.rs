//! The ownership of numbers: connects, disconnects and deletions of two instances, slow ones too, and what `receive` does
//! with the inbound messages of a number that moves.

pub mod mechanism;
pub mod part;
pub mod property;
pub mod state;

mod model;
mod receive;
mod request;

use stateright::Property;

pub use model::{Action, Model, Ownership, Request, Transition};

use crate::protocol::Protocol;
use mechanism::Mechanism;
use part::Part;
use state::{Callback, State, Step};

impl Protocol for Ownership {
    type State = State;
    type Action = Action;
    type Mechanism = Mechanism;
    type Part = Part;

    fn start(&self) -> State {
        State::start(self.requests.len(), self.inbound, self.inherited)
    }

    fn actions(_: &Model, state: &State, actions: &mut Vec<Action>) {
        let requests = (0..).zip(&state.requests).filter(|(_, step)| !matches!(step, Step::Done(_)));
        actions.extend(requests.map(|(number, _)| Action::Request(number)));
        if state.callback != Callback::Posted || state.inbound > 0 {
            actions.push(Action::Receive);
        }
    }

    fn act(transition: &mut Transition, action: Action) {
        match action {
            Action::Request(number) => transition.step(number, transition.bounds.requests[number as usize]),
            Action::Receive => transition.receive(),
        }
        transition.note_owners();
    }

    fn properties() -> Vec<Property<Model>> {
        property::all()
    }
}

impl Model {
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
