//! What must hold in every state, and what must be reachable.

use stateright::Property;

use super::model::Model;
use super::state::{Lane, State, Status};
pub use crate::conversation::{ENDS, IN_ORDER};

/// All properties.
pub fn all() -> Vec<Property<Model>> {
    vec![
        Property::always(IN_ORDER, |_, state: &State| !state.is_out_of_order),
        Property::always(ENDS, Model::ends),
        Property::sometimes("a message that waited is sent, and one that was accepted later", |_, state: &State| {
            let [first, second, ..] = state.messages;
            first.fed > 0 && first.status == Status::Sent && second.follows == 1 && second.status == Status::Sent
        }),
        Property::sometimes("an express message waits behind one of the table", |_, state: &State| {
            let [first, second, ..] = state.messages;
            first.waits && second.lane == Lane::Express && second.waits && second.follows == 1
        }),
        Property::sometimes("a message is in the table and twice in its queue", |_, state: &State| {
            state.messages[0].waits && state.queues[0].iter().filter(|number| **number == 0).count() == 2
        }),
    ]
}
