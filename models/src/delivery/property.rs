//! What must hold in every state, and what must be possible at all.

use stateright::Property;

use super::Delivery;
use super::process::{Entry, Receiver, Result, Settler, Step, Worker};
use super::record::{Status, Told};
use super::state::{Flaw, State};

/// After an attempt that WhatsApp may have taken, none is made.
pub const NEVER_TWICE: &str = "never posted again after an attempt that may have been taken";
/// Ranks rise, but for an attempt's own way back to the queue.
pub const FORWARD: &str = "a status only moves forward";
/// Each of a message's times is set once.
pub const TOLD_ONCE: &str = "each transition is set once";
/// The meter and the records agree.
pub const EXACT_MONEY: &str = "a credit is back exactly while its message is failed";
/// `failed` is true.
pub const FAILED_IS_TRUE: &str = "what WhatsApp took is failed only by its word, or as unknown";
/// WhatsApp's word is not lost.
pub const FAILED_IS_HEARD: &str = "what WhatsApp says has failed does not stay sent";
/// What is acknowledged is stored.
pub const STORED: &str = "what an answer or a callback told is on the record";
/// A conversation keeps its order.
pub const IN_ORDER: &str = "a conversation leaves in order";
/// Everything ends.
pub const ENDS: &str = "from every state, without another fault, every message ends";
/// Nothing is given up without need.
pub const NEEDED: &str = "without a fault only what was posted is given up as unknown";

/// All properties.
pub fn all() -> Vec<Property<Delivery>> {
    vec![
        Property::always(NEVER_TWICE, |_, state: &State| !state.has(Flaw::PostedAgain)),
        Property::always(FORWARD, |_, state: &State| !state.has(Flaw::WentBack)),
        Property::always(TOLD_ONCE, |_, state: &State| !state.has(Flaw::Retold)),
        Property::always(STORED, |_, state: &State| !state.has(Flaw::Forgot)),
        Property::always(IN_ORDER, |_, state: &State| !state.has(Flaw::Overtook)),
        Property::always(EXACT_MONEY, |_, state: &State| exact_money(state)),
        Property::always(FAILED_IS_TRUE, |_, state: &State| each(state, failed_is_true)),
        Property::always(FAILED_IS_HEARD, |_, state: &State| each(state, failed_is_heard)),
        Property::always(NEEDED, |_, state: &State| state.faults > 0 || each(state, needed)),
        Property::always(ENDS, Delivery::ends),
        Property::sometimes("one is read", |_, state: &State| some(state, |s, m| s.records[m].status == Status::Read)),
        Property::sometimes("one is never confirmed", |_, state: &State| {
            some(state, |s, m| s.records[m].status == Status::Unconfirmed && is_at_rest(s, m))
        }),
        Property::sometimes("one that failed is corrected and charged again", |_, state: &State| {
            some(state, |s, m| s.records[m].corrected && s.records[m].status == Status::Delivered)
        }),
        Property::sometimes("one is sent by its second attempt", |_, state: &State| {
            some(state, |s, m| s.records[m].status == Status::Sent && s.records[m].attempt == 2)
        }),
        Property::sometimes("a callback comes before the answer", |_, state: &State| {
            state.workers.iter().any(|worker| {
                worker.step == Step::Write(Result::Sent)
                    && state.records[worker.message as usize].times & Told::Delivered.bit() != 0
            })
        }),
        Property::sometimes("a frozen process wakes, and what it posts was given up", |_, state: &State| {
            let given_up = |worker: &Worker| state.records[worker.message as usize].status == Status::Unconfirmed;
            state.workers.iter().any(|worker| worker.step == Step::Write(Result::Revive) && given_up(worker))
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
    let (record, ledger) = (&state.records[message], &state.ledgers[message]);
    record.status != Status::Failed || ledger.taken.is_none() || ledger.failed
}

fn failed_is_heard(state: &State, message: usize) -> bool {
    let status = state.records[message].status;
    !(state.ledgers[message].failed_heard && is_at_rest(state, message)) || status.is_over() && status != Status::Sent
}

fn needed(state: &State, message: usize) -> bool {
    let status = state.records[message].status;
    state.ledgers[message].maybe || !matches!(status, Status::Unknown | Status::Unconfirmed)
}

/// Nothing is under way or waits for a message but perhaps WhatsApp's callbacks.
fn is_at_rest(state: &State, message: usize) -> bool {
    state.entries[message] == Entry::Deleted
        && state.unsettled[message] == 0
        && state.settler == Settler::Idle
        && state.receivers == [Receiver::Idle; 2]
        && state.workers.iter().all(|worker| worker.step == Step::Idle)
}
