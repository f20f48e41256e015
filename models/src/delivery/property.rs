//! What must hold in every state, and what must be reachable.

use stateright::Property;

use super::model::Model;
use super::process::{AttemptWrite, Entry, Receiver, Settler, Step, Worker};
use super::record::{MessageEvent, Status};
use super::state::{State, Violation};

/// After an attempt that WhatsApp may have accepted, none is made.
pub const NEVER_TWICE: &str = "never posted again after an attempt that WhatsApp may have accepted";
/// Ranks only rise, except when an attempt is released to the queue.
pub const FORWARD: &str = "a status only moves forward";
/// Each of a message's times is set once.
pub const EACH_TIME_ONCE: &str = "each time is set once";
/// The ledger and the records agree.
pub const EXACT_MONEY: &str = "a message is refunded exactly while it is failed";
/// `failed` is true.
pub const FAILED_IS_TRUE: &str = "what WhatsApp accepted fails only by its report, or as unknown";
/// A failure that WhatsApp reports is not lost.
pub const FAILED_IS_STORED: &str = "what WhatsApp reports as failed does not stay sent";
/// What is acknowledged is stored.
pub const STORED: &str = "what an answer or a callback reports is on the record";
/// A conversation keeps its order.
pub const IN_ORDER: &str = "a conversation is sent in order";
/// Every message ends.
pub const ENDS: &str = "from every state, without another fault, every message ends";
/// Nothing is given up needlessly.
pub const NOT_GIVEN_UP_NEEDLESSLY: &str = "without a fault only what was posted is given up as unknown";

/// All properties.
pub fn all() -> Vec<Property<Model>> {
    vec![
        Property::always(NEVER_TWICE, |_, state: &State| !state.has(Violation::PostedTwice)),
        Property::always(FORWARD, |_, state: &State| !state.has(Violation::MovedBack)),
        Property::always(EACH_TIME_ONCE, |_, state: &State| !state.has(Violation::TimeSetTwice)),
        Property::always(STORED, |_, state: &State| !state.has(Violation::NotStored)),
        Property::always(IN_ORDER, |_, state: &State| !state.has(Violation::OutOfOrder)),
        Property::always(EXACT_MONEY, |_, state: &State| exact_money(state)),
        Property::always(FAILED_IS_TRUE, |_, state: &State| each(state, failed_is_true)),
        Property::always(FAILED_IS_STORED, |_, state: &State| each(state, failed_is_stored)),
        Property::always(NOT_GIVEN_UP_NEEDLESSLY, |_, state: &State| {
            state.faults > 0 || each(state, not_given_up_needlessly)
        }),
        Property::always(ENDS, Model::ends),
        Property::sometimes("a message is read", |_, state: &State| {
            some(state, |s, m| s.records[m].status == Status::Read)
        }),
        Property::sometimes("a message is given up and never confirmed", |_, state: &State| {
            some(state, |s, m| s.records[m].status == Status::Unconfirmed && is_at_rest(s, m))
        }),
        Property::sometimes("a failed message is recovered and charged again", |_, state: &State| {
            some(state, |s, m| s.records[m].recovered && s.records[m].status == Status::Delivered)
        }),
        Property::sometimes("a message is sent by its second attempt", |_, state: &State| {
            some(state, |s, m| s.records[m].status == Status::Sent && s.records[m].attempt == 2)
        }),
        Property::sometimes("a callback arrives before the answer", |_, state: &State| {
            state.workers.iter().any(|worker| {
                worker.step == Step::Write(AttemptWrite::MarkSent)
                    && state.records[worker.message as usize].times & MessageEvent::Delivered.bit() != 0
            })
        }),
        Property::sometimes("a frozen process resumes and posts what was given up", |_, state: &State| {
            let given_up = |worker: &Worker| state.records[worker.message as usize].status == Status::Unconfirmed;
            state.workers.iter().any(|worker| worker.step == Step::Write(AttemptWrite::Recover) && given_up(worker))
        }),
    ]
}

fn each(state: &State, holds: fn(&State, usize) -> bool) -> bool {
    (0..2).all(|message| holds(state, message))
}

fn some(state: &State, holds: fn(&State, usize) -> bool) -> bool {
    (0..2).any(|message| holds(state, message))
}

fn exact_money(state: &State) -> bool {
    let failed = state.records.iter().filter(|record| record.status.is_failed()).count();
    let refunded = state.records.iter().filter(|record| record.refunded).count();
    i8::try_from(failed) == Ok(state.credits + state.pending.cast_signed()) && failed == refunded
}

fn failed_is_true(state: &State, message: usize) -> bool {
    let (record, whatsapp) = (&state.records[message], &state.whatsapp[message]);
    record.status != Status::Failed || whatsapp.accepted.is_none() || whatsapp.failed
}

fn failed_is_stored(state: &State, message: usize) -> bool {
    let status = state.records[message].status;
    !(state.whatsapp[message].failure_acknowledged && is_at_rest(state, message))
        || status.is_over() && status != Status::Sent
}

fn not_given_up_needlessly(state: &State, message: usize) -> bool {
    let status = state.records[message].status;
    state.whatsapp[message].may_be_accepted || !matches!(status, Status::Unknown | Status::Unconfirmed)
}

/// No process or queue has anything left to do for a message; only callbacks may follow.
fn is_at_rest(state: &State, message: usize) -> bool {
    state.entries[message] == Entry::Deleted
        && state.unknown_outcomes[message] == 0
        && state.settler == Settler::Idle
        && state.receivers == [Receiver::Idle; 2]
        && state.workers.iter().all(|worker| worker.step == Step::Idle)
}
