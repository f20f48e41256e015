//! What must hold in every state, and what must be reachable.

use stateright::Property;

use super::model::{Model, is_queued};
use super::state::{Record, State, Status, Step};
use crate::response::Response;

/// Nothing is sold twice.
pub const NOT_OVERSOLD: &str = "credits and messages never exceed what was granted, and credits never fall below 0";
/// Credits are exact at rest.
pub const EXACT_MONEY: &str = "at rest, credits and messages are what was granted";
/// No reservation is left at rest.
pub const NO_RESERVATION: &str = "at rest, nothing is reserved";
/// An accepted message comes to an end.
pub const DURABLE: &str = "at rest, what was accepted is sent or failed";
/// Every record comes to an end.
pub const ENDS: &str = "at rest, no record is queued";
/// A key sends one message.
pub const ONCE: &str = "a key's message is sent once";
/// A 503 is true.
pub const REFUSED: &str = "what was refused is not queued and was not sent";
/// What a request asks for is sent by what it has enqueued itself: another one with its key may ask for something else.
pub const OWN_ENTRY: &str = "a message is sent by what its own request has enqueued";
/// A charge whose response was lost still counts.
pub const CHARGE_CONTINUES: &str = "a charge whose repetition is answered continues";

/// All properties.
pub fn all() -> Vec<Property<Model>> {
    vec![
        Property::always(NOT_OVERSOLD, |model: &Model, state: &State| {
            let live = i8::try_from(state.live()).unwrap_or(i8::MAX);
            state.credits >= 0 && state.credits + live <= model.bounds.granted
        }),
        Property::always(ONCE, |_, state: &State| state.posted.iter().all(|posted| *posted <= 1)),
        Property::always(REFUSED, |_, state: &State| {
            (0..).zip(&state.requests).all(|(nonce, request)| {
                let own = |record: &Record| record.nonce == nonce && record.status != Status::Failed;
                let is_there = state.records.iter().flatten().any(own);
                request.step != Step::Responded(Response::Refused) || !is_there && state.sent_by & 1 << nonce == 0
            })
        }),
        Property::always(EXACT_MONEY, |model: &Model, state: &State| {
            let rest = model.at_rest(state);
            i8::try_from(rest.live()).is_ok_and(|live| rest.credits + live == model.bounds.granted)
        }),
        Property::always(NO_RESERVATION, |model: &Model, state: &State| model.at_rest(state).reserved == 0),
        Property::always(DURABLE, |model: &Model, state: &State| {
            let rest = model.at_rest(state);
            let over = |message: usize| rest.records[message].is_some_and(|record| !is_queued(record.status));
            (0..2).all(|message| rest.accepted & 1 << message == 0 || over(message))
        }),
        Property::always(ENDS, |model: &Model, state: &State| {
            !model.at_rest(state).records.iter().flatten().any(|record| is_queued(record.status))
        }),
        Property::always(OWN_ENTRY, |_, state: &State| !state.sent_for_another),
        Property::always(CHARGE_CONTINUES, |_, state: &State| !state.charged_and_refused),
        Property::sometimes("a repeated request is answered 202 by the first one's record", |_, state: &State| {
            let accepted = |at: usize| state.requests[at].step == Step::Responded(Response::Accepted);
            accepted(0) && accepted(1) && state.records[0].is_some_and(|record| record.nonce == 0)
        }),
        Property::sometimes("a repeated request is answered 409 while the first is in progress", |_, state: &State| {
            any(state, Response::InProgress)
        }),
        Property::sometimes("a request is refused and costs nothing", |model: &Model, state: &State| {
            any(state, Response::Refused) && state.credits == model.bounds.granted && state.reserved == 0
        }),
        Property::sometimes("a request is answered 500 and its message is sent", |_, state: &State| {
            state.requests[0].step == Step::Responded(Response::Unknown) && state.sent_by & 1 != 0
        }),
        Property::sometimes("a message fails and is refunded", |model: &Model, state: &State| {
            state.records[0].is_some_and(|record| record.status == Status::Failed)
                && state.credits == model.bounds.granted
        }),
    ]
}

fn any(state: &State, response: Response) -> bool {
    state.requests.iter().any(|request| request.step == Step::Responded(response))
}
