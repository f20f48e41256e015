//! What must hold in every state, and what must be reachable.

use stateright::Property;

use super::model::Model;
use super::state::{Batch, Record, State, Status, Step};
use crate::response::Response;

/// Nothing is sold twice.
pub const NOT_OVERSOLD: &str = "credits and messages never exceed what was granted, and credits never fall below 0";
/// Credits are exact at rest.
pub const EXACT_MONEY: &str = "at rest, credits and messages are what was granted";
/// No reservation is left at rest.
pub const NO_RESERVATION: &str = "at rest, nothing is reserved";
/// A batch of which something is recorded comes to its end.
pub const ENDS: &str = "at rest, a batch with messages is accepted, none of them is queued, and it is complete";
/// An accepted message is sent once, and no other.
pub const ONCE: &str = "a message is sent once, and only if its batch is accepted";
/// A 202 is true, and stays so.
pub const TRUE_ANSWER: &str = "an accepted batch has the messages that its answer names, and every answer is the same";
/// A 503 is true.
pub const REFUSED: &str = "what was refused is not queued and was not sent";
/// A refusal is true for the whole key.
pub const REFUSED_WHOLLY: &str = "no request is refused while messages of its batch are recorded";
/// A charge whose response was lost still counts.
pub const CHARGE_CONTINUES: &str = "a charge whose repetition is answered continues";
/// A 409 is true.
pub const BESIDE_ANOTHER: &str = "a request is answered 409 only after another with its key";
/// `batch.completed` is true.
pub const COMPLETED: &str = "batch.completed is published once, when nothing is queued, and the batch stays closed";

/// All properties.
pub fn all() -> Vec<Property<Model>> {
    vec![
        Property::always(NOT_OVERSOLD, |model: &Model, state: &State| {
            state.credits >= 0 && state.credits + state.live() <= model.bounds.granted
        }),
        Property::always(ONCE, |_, state: &State| state.batches.iter().all(is_sent_once)),
        Property::always(TRUE_ANSWER, |_, state: &State| {
            !state.answers_differ && state.batches.iter().all(is_answer_true)
        }),
        Property::always(REFUSED, |model: &Model, state: &State| {
            model.requests().all(|nonce| {
                let rows = state.batches[model.bounds.batches[nonce as usize] as usize].rows;
                let is_left = rows.iter().flatten().any(|row| row.nonce == nonce && row.status != Status::Failed);
                state.requests[nonce as usize].step != Step::Responded(Response::Refused) || !is_left
            })
        }),
        Property::always(REFUSED_WHOLLY, |_, state: &State| !state.recorded_and_refused),
        Property::always(CHARGE_CONTINUES, |_, state: &State| !state.charged_and_refused),
        Property::always(BESIDE_ANOTHER, |_, state: &State| {
            state.requests[0].step != Step::Responded(Response::InProgress)
                || state.requests[1..].iter().any(|request| request.step != Step::NotSent)
        }),
        Property::always(COMPLETED, |_, state: &State| state.batches.iter().all(is_completion_true)),
        Property::always(EXACT_MONEY, |model: &Model, state: &State| {
            let rest = model.at_rest(state);
            rest.credits + rest.live() == model.bounds.granted
        }),
        Property::always(NO_RESERVATION, |model: &Model, state: &State| {
            model.at_rest(state).reserved.iter().all(|reserved| *reserved == 0)
        }),
        Property::always(ENDS, |model: &Model, state: &State| {
            model.at_rest(state).batches.iter().all(|batch| batch.recorded() == 0 || has_ended(batch))
        }),
        Property::sometimes("a repeat records what is missing, for a charge of its own", |_, state: &State| {
            let nonces = state.batches[0].rows.map(|row| row.map(|row| row.nonce));
            nonces == [Some(0), Some(1)] && responded(state, 1, Response::Accepted)
        }),
        Property::sometimes("`settle` accepts the part that is recorded", |_, state: &State| {
            state.requests[0].step == Step::Dead && accepted(state).is_some_and(|record| record.count == 1)
        }),
        Property::sometimes("a repeat is answered 202 by the first one's record", |_, state: &State| {
            responded(state, 0, Response::Accepted) && responded(state, 1, Response::Accepted)
        }),
        Property::sometimes("a recipient that opts out keeps the message that is recorded", |_, state: &State| {
            state.opted_out && state.requests[1].earlier == 0b10 && responded(state, 1, Response::Accepted)
        }),
        Property::sometimes("a repeat is answered 409 while the first is in progress", |_, state: &State| {
            responded(state, 1, Response::InProgress)
        }),
        Property::sometimes("a request is refused and costs nothing", |model: &Model, state: &State| {
            responded(state, 0, Response::Refused) && state.credits == model.bounds.granted
        }),
        Property::sometimes("a request is answered 500 and its messages are sent", |_, state: &State| {
            responded(state, 0, Response::Unknown) && state.batches[0].posted == [1, 1]
        }),
    ]
}

fn responded(state: &State, request: usize, response: Response) -> bool {
    state.requests[request].step == Step::Responded(response)
}

fn accepted(state: &State) -> Option<Record> {
    state.batches[0].record.filter(|record| record.is_accepted)
}

fn is_sent_once(batch: &Batch) -> bool {
    let is_accepted = batch.record.is_some_and(|record| record.is_accepted);
    batch.posted.iter().all(|posted| *posted <= u8::from(is_accepted))
}

fn is_answer_true(batch: &Batch) -> bool {
    let recorded = batch.recorded();
    let of_record = batch.record.filter(|record| record.is_accepted);
    of_record.is_none_or(|record| record.listed() == recorded && u32::from(record.count) == recorded.count_ones())
        && batch.answered.is_none_or(|answered| answered == recorded)
}

fn is_completion_true(batch: &Batch) -> bool {
    batch.published == 0 || batch.published == 1 && batch.queued() == 0 && !batch.is_open
}

fn has_ended(batch: &Batch) -> bool {
    batch.record.is_some_and(|record| record.is_accepted) && batch.queued() == 0 && batch.published == 1
}
