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

use stateright::Property;

pub use model::{Action, Model, Place, Transition, Waiting};

use crate::protocol::Protocol;
use mechanism::Mechanism;
use part::Part;
use state::{Pause, State};

impl Protocol for Waiting {
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
    }

    fn properties() -> Vec<Property<Model>> {
        property::all()
    }
}
