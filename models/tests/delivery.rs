//! The protocol of delivery in every order of events, within bounds: it keeps its promises with all mechanisms, and without
//! any one of them the checker finds how a promise breaks.

use std::sync::atomic::Ordering;

use models::delivery::mechanism::Mechanism::{self, *};
use models::delivery::part::Part;
use models::delivery::property::*;
use models::delivery::{Bounds, Delivery};
use models::exploration::{counterexample, explore};
use models::mechanisms::Mechanisms;
use strum::VariantArray;

/// Two processes of `deliver`, callbacks one at a time.
const REDELIVERY: Bounds =
    Bounds { messages: 1, workers: 2, receivers: 1, attempts: 2, faults: 1, repeats: true, dead_letters: false };
/// Two callbacks at a time, and one process of `deliver`.
const CALLBACKS: Bounds =
    Bounds { messages: 1, workers: 1, receivers: 2, attempts: 2, faults: 1, repeats: true, dead_letters: false };
/// Three faults, dead letters among them, and no callbacks.
const FAULTS: Bounds =
    Bounds { messages: 1, workers: 2, receivers: 0, attempts: 2, faults: 3, repeats: true, dead_letters: true };
/// A conversation of two messages.
const CONVERSATION: Bounds =
    Bounds { messages: 2, workers: 2, receivers: 0, attempts: 1, faults: 1, repeats: false, dead_letters: false };

/// Without these mechanisms, within these bounds, this promise breaks.
const REMOVALS: [(&[Mechanism], Bounds, &str); 29] = [
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

fn holds(bounds: Bounds) -> Vec<&'static str> {
    let found = explore(Delivery::new(bounds, Mechanisms::ALL));
    println!("{bounds:?}: {} states, {} deep, {:?}", found.states, found.depth, found.duration);
    assert_eq!(found.broken, []);
    found.unreached
}

#[test]
fn one_message_keeps_its_promises_however_often_it_is_delivered() {
    assert_eq!(holds(REDELIVERY), [""; 0], "should be reachable");
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
    for (removed, bounds, promise) in REMOVALS {
        let active = removed.iter().fold(Mechanisms::ALL, |active, mechanism| active.without(*mechanism));
        let steps = counterexample(&Delivery::new(bounds, active), promise);
        let steps = steps.unwrap_or_else(|| panic!("without {removed:?} it still holds: {promise}"));
        println!("without {removed:?}, broken: {promise}\n  {}", steps.join(", "));
    }
    let removed = |mechanism| REMOVALS.iter().any(|(removed, ..)| removed.contains(mechanism));
    assert!(Mechanism::VARIANTS.iter().all(removed), "each mechanism has a row");
}

#[test]
fn the_exploration_covers_every_function_that_the_model_names() {
    let mut covered = 0;
    for bounds in [CALLBACKS, FAULTS] {
        let model = Delivery::new(bounds, Mechanisms::ALL);
        let parts = model.covered.clone();
        explore(model);
        covered |= parts.load(Ordering::Relaxed);
    }
    let uncovered: Vec<_> = Part::VARIANTS.iter().filter(|part| covered & 1 << **part as u32 == 0).collect();
    assert!(uncovered.is_empty(), "{uncovered:?}");
}
