//! What must hold in every state, and what must be reachable.

use stateright::Property;

use super::model::Lanes;
use super::state::{Lane, Request, State, Status};

/// A conversation keeps its order.
pub const IN_ORDER: &str = "a message leaves after those that were accepted before its request began";
/// Every message ends.
pub const ENDS: &str = "from every state, without another fault, every recorded message ends";

/// All properties.
pub fn all() -> Vec<Property<Lanes>> {
    vec![
        Property::always(IN_ORDER, |_, state: &State| !state.is_out_of_order),
        Property::always(ENDS, Lanes::ends),
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
