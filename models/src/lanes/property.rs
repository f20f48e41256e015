//! What must hold in every state, and what must be reachable.

use stateright::Property;

use super::model::Model;
use super::state::{Lane, Request, State, Status};
pub use crate::conversation::{ENDS, IN_ORDER};

/// All properties.
pub fn all() -> Vec<Property<Model>> {
    vec![
        Property::always(IN_ORDER, |_, state: &State| !state.is_out_of_order),
        Property::always(ENDS, Model::ends),
        Property::sometimes("a later request's message is sent first", |_, state: &State| {
            let sent = |request: &Request| request.lane == Lane::Bulk && request.status == Status::Sent;
            state.requests[0].lane == Lane::Bulk && state.requests[0].status.is_open() && sent(&state.requests[1])
        }),
        Property::sometimes(
            "a message leaves through the express lane after one of the bulk lane",
            |_, state: &State| {
                let [first, second, ..] = state.requests;
                let sent = |request: Request, lane| request.lane == lane && request.status == Status::Sent;
                sent(first, Lane::Bulk) && sent(second, Lane::Express)
            },
        ),
    ]
}
