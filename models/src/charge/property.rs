//! What must hold in every state, and what must be possible at all.

use stateright::Property;

use super::state::{Answer, Record, State, Status, Step};
use super::{Charging, is_queued};

/// Nothing is sold twice.
pub const NOT_OVERSOLD: &str = "credits and messages never exceed what was granted, and credits never fall below 0";
/// The books at rest.
pub const EXACT_MONEY: &str = "at rest, credits and messages are what was granted";
/// The meter at rest.
pub const NO_RESERVATION: &str = "at rest, nothing is reserved";
/// A 202 is kept.
pub const DURABLE: &str = "at rest, what was accepted is sent or failed";
/// So is everything that is on record.
pub const ENDS: &str = "at rest, no record is queued";
/// A key is one message.
pub const ONCE: &str = "a key's message is sent once";
/// A 503 is true.
pub const REFUSED: &str = "what was refused waits nowhere and was not sent";

/// A lost answer is made good.
pub const NOT_IN_VAIN: &str = "a charge whose repetition is answered goes on";

/// All properties.
pub fn all() -> Vec<Property<Charging>> {
    vec![
        Property::always(NOT_OVERSOLD, |model: &Charging, state: &State| {
            let live = i8::try_from(state.live()).unwrap_or(i8::MAX);
            state.credits >= 0 && state.credits + live <= model.bounds.granted
        }),
        Property::always(ONCE, |_, state: &State| state.posted.iter().all(|posted| *posted <= 1)),
        Property::always(REFUSED, |_, state: &State| {
            (0..).zip(&state.requests).all(|(nonce, request)| {
                let own = |record: &Record| record.nonce == nonce && record.status != Status::Failed;
                let is_there = state.records.iter().flatten().any(own);
                request.step != Step::Answered(Answer::Refused) || !is_there && state.sent_by & 1 << nonce == 0
            })
        }),
        Property::always(EXACT_MONEY, |model: &Charging, state: &State| {
            let rest = model.rest(state);
            i8::try_from(rest.live()).is_ok_and(|live| rest.credits + live == model.bounds.granted)
        }),
        Property::always(NO_RESERVATION, |model: &Charging, state: &State| model.rest(state).reserved == 0),
        Property::always(DURABLE, |model: &Charging, state: &State| {
            let rest = model.rest(state);
            let over = |message: usize| rest.records[message].is_some_and(|record| !is_queued(record.status));
            (0..2).all(|message| rest.accepted & 1 << message == 0 || over(message))
        }),
        Property::always(ENDS, |model: &Charging, state: &State| {
            !model.rest(state).records.iter().flatten().any(|record| is_queued(record.status))
        }),
        Property::always(NOT_IN_VAIN, |_, state: &State| !state.in_vain),
        Property::sometimes("a repeated request is answered 202 by the first one's record", |_, state: &State| {
            let accepted = |at: usize| state.requests[at].step == Step::Answered(Answer::Accepted);
            accepted(0) && accepted(1) && state.records[0].is_some_and(|record| record.nonce == 0)
        }),
        Property::sometimes("one waits for the one under way", |_, state: &State| any(state, Answer::UnderWay)),
        Property::sometimes("one is refused and took nothing", |model: &Charging, state: &State| {
            any(state, Answer::Refused) && state.credits == model.bounds.granted && state.reserved == 0
        }),
        Property::sometimes("one is answered 500 and sent all the same", |_, state: &State| {
            state.requests[0].step == Step::Answered(Answer::Unsure) && state.sent_by & 1 != 0
        }),
        Property::sometimes("a message fails and its credit is back", |model: &Charging, state: &State| {
            state.records[0].is_some_and(|record| record.status == Status::Failed)
                && state.credits == model.bounds.granted
        }),
    ]
}

fn any(state: &State, answer: Answer) -> bool {
    state.requests.iter().any(|request| request.step == Step::Answered(answer))
}
