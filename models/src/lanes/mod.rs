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

use stateright::Property;

pub use model::{Action, Lanes, Model, Transition};

use crate::protocol::Protocol;
use mechanism::Mechanism;
use part::Part;
use state::State;

impl Protocol for Lanes {
    type State = State;
    type Action = Action;
    type Mechanism = Mechanism;
    type Part = Part;

    fn start(&self) -> State {
        State::default()
    }

    fn actions(model: &Model, state: &State, actions: &mut Vec<Action>) {
        model.enabled(state, actions);
    }

    fn act(transition: &mut Transition, action: Action) {
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
    }

    fn properties() -> Vec<Property<Model>> {
        property::all()
    }
}
