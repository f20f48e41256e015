//! The protocol of delivery in every order of events, within bounds: it keeps its promises with all mechanisms, and without
//! any one of them the checker finds how a promise breaks.

mod common;

use common::{Removal, cover_every_part, holds, holds_and_reaches_all};
use models::delivery::Delivery;
use models::delivery::mechanism::Mechanism::*;
use models::delivery::property::*;

/// Two processes of `deliver`, callbacks one at a time.
const REDELIVERY: Delivery =
    Delivery { messages: 1, workers: 2, receivers: 1, attempts: 2, faults: 1, repeats: true, dead_letters: false };
/// Two callbacks at a time, and one process of `deliver`.
const CALLBACKS: Delivery =
    Delivery { messages: 1, workers: 1, receivers: 2, attempts: 2, faults: 1, repeats: true, dead_letters: false };
/// Three faults, dead letters among them, and no callbacks.
const FAULTS: Delivery =
    Delivery { messages: 1, workers: 2, receivers: 0, attempts: 2, faults: 3, repeats: true, dead_letters: true };
/// A conversation of two messages.
const CONVERSATION: Delivery =
    Delivery { messages: 2, workers: 2, receivers: 0, attempts: 1, faults: 1, repeats: false, dead_letters: false };

const REMOVALS: [Removal<Delivery>; 29] = [
    (&[ClaimWhileQueued], REDELIVERY, NEVER_TWICE),
    (&[OwnClaim], FAULTS, NOT_GIVEN_UP_NEEDLESSLY),
    (&[ExpiredLeaseIsUnknown], FAULTS, NEVER_TWICE),
    (&[NoAnswerIsUnknown], FAULTS, NEVER_TWICE),
    (&[ResultOfAttempt, ResultOfClaim], FAULTS, NEVER_TWICE), // either suffices
    (&[ReleaseWhileSending, ResultOfClaim], FAULTS, FORWARD), // either suffices
    (&[LateAnswerRecovers], FAULTS, STORED),
    (&[LateSentTime], CALLBACKS, STORED),
    (&[HandedToSettle], FAULTS, ENDS),
    (&[SettleUnknown], FAULTS, ENDS),
    (&[SettleAsRead], CALLBACKS, FORWARD),
    (&[DeadLetters], FAULTS, ENDS),
    (&[DeadLetterWhileQueued], FAULTS, FAILED_IS_TRUE),
    (&[Rank], CALLBACKS, FORWARD),
    (&[TimeOnce], CALLBACKS, EACH_TIME_ONCE),
    (&[MissingTime], CALLBACKS, STORED),
    (&[FailedOfAttempt], CALLBACKS, FAILED_IS_TRUE),
    (&[FailedAsRead], CALLBACKS, FORWARD),
    (&[OneTransaction], FAULTS, EXACT_MONEY),
    (&[ChargedAgain], CALLBACKS, EXACT_MONEY),
    (&[ChargedAgainOnce], CALLBACKS, EXACT_MONEY),
    (&[ConversationOrder], CONVERSATION, IN_ORDER),
    (&[UnknownOrRetried], FAULTS, ENDS),
    (&[FailedOrRetried], FAULTS, ENDS),
    (&[ResultOfClaim], FAULTS, NEVER_TWICE),
    (&[FailedWhileSending], CALLBACKS, FAILED_IS_STORED),
    (&[FailedAfterUnconfirmed], CALLBACKS, FAILED_IS_STORED),
    (&[RecoveredOrRetried], CALLBACKS, STORED),
    (&[HeldDeadLetter], FAULTS, ENDS),
];

#[test]
fn one_message_keeps_its_promises_however_often_it_is_delivered() {
    holds_and_reaches_all(REDELIVERY);
}

#[test]
fn concurrent_callbacks_keep_the_promises() {
    holds(CALLBACKS);
}

#[test]
fn repeated_faults_keep_the_promises() {
    holds(FAULTS);
}

#[test]
fn a_conversation_keeps_its_order() {
    holds(CONVERSATION);
}

#[test]
fn each_mechanism_is_needed() {
    common::each_mechanism_is_needed(&REMOVALS);
}

#[test]
fn the_explorations_cover_every_function_that_the_model_names() {
    cover_every_part(&[CALLBACKS, FAULTS].map(holds));
}
