//! What must hold in every state, and what must be reachable.

use stateright::Property;

use super::model::Model;
use super::state::{Erasure, Event, Record, Redaction, Send, State};

/// Promise 3.
pub const EXACT_MONEY: &str = "at rest, credits are those of messages accepted minus refunds";
/// Promise 3, and 1.
pub const RECORDED: &str = "the result of a POST finds the record";
/// An erasure is answered when it is effective.
pub const NOT_POSTED: &str = "no attempt that begins after the answer posts the event";
/// Nothing is left.
pub const NOTHING_LEFT: &str = "at rest, the delivery log holds nothing of an erased message";
/// Nothing comes back.
pub const STAYS_ERASED: &str = "an erased message is not stored again";

/// Whether only WhatsApp can still change something.
fn is_at_rest(state: &State) -> bool {
    let is_redacted = matches!(state.redaction, Redaction::None | Redaction::Complete);
    let is_answered = state.erasures == [Erasure::Answered; 2];
    let is_sent = state.send == Send::Ended && !state.reserved && !state.posting;
    is_redacted && is_answered && is_sent && state.event == Event::Nowhere && !state.queued
}

/// All properties.
pub fn all() -> Vec<Property<Model>> {
    vec![
        Property::always(EXACT_MONEY, |model: &Model, state: &State| {
            let charged = state.recorded && !state.refunded;
            model.bounds.inbound || !is_at_rest(state) || state.credits == -i8::from(charged)
        }),
        Property::always(RECORDED, |_, state: &State| !state.unrecorded),
        Property::always(NOT_POSTED, |_, state: &State| !state.posted_late),
        Property::always(NOTHING_LEFT, |_, state: &State| {
            !is_at_rest(state) || state.record != Record::Tombstone || !state.logged
        }),
        Property::always(STAYS_ERASED, |_, state: &State| !state.came_back),
        Property::sometimes("a message is erased while an attempt is in progress", |_, state: &State| {
            state.record == Record::Tombstone && state.event == Event::Posted
        }),
        Property::sometimes("a message is erased and all is at rest", |_, state: &State| {
            state.record == Record::Tombstone && is_at_rest(state)
        }),
    ]
}
