//! What must hold in every state, and what must be reachable.

use stateright::Property;

use super::model::Model;
use super::state::{State, Step};

/// Nobody takes another's number.
pub const NOT_TAKEN: &str = "no request takes the number of another instance";
/// A number's owner has it.
pub const BOUND: &str = "the record of a number's owner names the number";
/// A number is no hostage.
pub const CAN_BE_FREED: &str = "the owner of a number can free it";
/// Nobody receives another's messages.
pub const RIGHT_OWNER: &str = "a message is stored for the owner that its number has meanwhile";
/// Nothing from WhatsApp is dropped.
pub const NOT_LOST: &str = "a message to a number that was connected is not acknowledged without being stored";

/// All properties.
pub fn all() -> Vec<Property<Model>> {
    vec![
        Property::always(NOT_TAKEN, |_, state: &State| !state.taken),
        Property::always(BOUND, |_, state: &State| {
            let names = |owner: u8, number| {
                state.instances[owner as usize].is_some_and(|instance| instance.number == Some(number))
            };
            (0..).zip(state.owners).all(|(number, owner)| owner.is_none_or(|owner| names(owner, number)))
        }),
        Property::always(CAN_BE_FREED, |model: &Model, state: &State| {
            (0..2).all(|number| model.can_be_freed(state, number))
        }),
        Property::always(RIGHT_OWNER, |_, state: &State| !state.misrouted),
        Property::always(NOT_LOST, |_, state: &State| !state.lost),
        Property::sometimes("a message is repeated and stored for the next owner", |_, state: &State| {
            state.repeated && state.stored_for == 0b10
        }),
        Property::sometimes("both owners receive messages", |_, state: &State| state.stored_for == 0b11),
        Property::sometimes("every request is applied", |_, state: &State| {
            state.requests.iter().all(|step| *step == Step::Done(true))
        }),
    ]
}
