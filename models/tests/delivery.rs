//! The protocol of delivery in every order of events, within bounds: it holds with all of its mechanisms, and without any
//! one of them the checker finds how a promise breaks.

use std::sync::atomic::Ordering;

use models::delivery::mechanism::Mechanism::{self, *};
use models::delivery::part::Part;
use models::delivery::property::*;
use models::delivery::{Bounds, Delivery};
use models::exploration::{counterexample, explore};
use models::mechanisms::Mechanisms;
use strum::VariantArray;

/// Two processes of deliver, callbacks one at a time.
const REDELIVERY: Bounds =
    Bounds { messages: 1, workers: 2, receivers: 1, attempts: 2, faults: 1, repeats: true, dead_letters: false };
/// Callbacks side by side, and one process of deliver.
const CALLBACKS: Bounds =
    Bounds { messages: 1, workers: 1, receivers: 2, attempts: 2, faults: 1, repeats: true, dead_letters: false };
/// Faults upon faults, dead letters among them, and no callback.
const FAULTS: Bounds =
    Bounds { messages: 1, workers: 2, receivers: 0, attempts: 2, faults: 3, repeats: true, dead_letters: true };
/// A conversation of two messages.
const CONVERSATION: Bounds =
    Bounds { messages: 2, workers: 2, receivers: 0, attempts: 1, faults: 1, repeats: false, dead_letters: false };

/// Without these mechanisms, within these bounds, this promise breaks.
const REMOVALS: [(&[Mechanism], Bounds, &str); 29] = [
    (&[Claim], REDELIVERY, NEVER_TWICE),
    (&[OwnClaim], FAULTS, NEEDED),
    (&[LeaseToUnknown], FAULTS, NEVER_TWICE),
    (&[NoAnswerIsUnknown], FAULTS, NEVER_TWICE),
    (&[ResultOfAttempt, ByClaim], FAULTS, NEVER_TWICE), // either of the two will do here
    (&[ReleaseWhileSending, ByClaim], FAULTS, FORWARD), // as here
    (&[LateAnswerRevives], FAULTS, STORED),
    (&[SentLate], CALLBACKS, STORED),
    (&[SettledBeforeForgotten], FAULTS, ENDS),
    (&[SettleUnknown], FAULTS, ENDS),
    (&[SettleAsRead], CALLBACKS, FORWARD),
    (&[DeadLetters], FAULTS, ENDS),
    (&[DeadWhileQueued], FAULTS, FAILED_IS_TRUE),
    (&[Rank], CALLBACKS, FORWARD),
    (&[TimeOnce], CALLBACKS, TOLD_ONCE),
    (&[MissingTime], CALLBACKS, STORED),
    (&[FailedOfAttempt], CALLBACKS, FAILED_IS_TRUE),
    (&[FailedAsRead], CALLBACKS, FORWARD),
    (&[OneTransaction], FAULTS, EXACT_MONEY),
    (&[ChargedAgain], CALLBACKS, EXACT_MONEY),
    (&[ChargedAgainOnce], CALLBACKS, EXACT_MONEY),
    (&[GroupOrder], CONVERSATION, IN_ORDER),
    (&[UnknownOrAgain], FAULTS, ENDS),
    (&[FailOrAgain], FAULTS, ENDS),
    (&[ByClaim], FAULTS, NEVER_TWICE),
    (&[FailedWhileSending], CALLBACKS, FAILED_IS_HEARD),
    (&[FailedAfterUnconfirmed], CALLBACKS, FAILED_IS_HEARD),
    (&[CorrectedOrAgain], CALLBACKS, STORED),
    (&[HeldDeadLetter], FAULTS, ENDS),
];

fn holds(bounds: Bounds) -> Vec<&'static str> {
    let found = explore(Delivery::new(bounds, Mechanisms::ALL));
    println!("{bounds:?}: {} states, {} deep, {:?}", found.states, found.depth, found.took);
    assert_eq!(found.broken, []);
    found.unseen
}

#[test]
fn one_message_keeps_its_promises_however_often_it_is_delivered() {
    assert_eq!(holds(REDELIVERY), [""; 0], "possible, and never happened");
}

#[test]
fn callbacks_may_come_side_by_side() {
    holds(CALLBACKS);
}

#[test]
fn faults_may_follow_faults() {
    holds(FAULTS);
}

#[test]
fn a_conversation_keeps_its_order() {
    holds(CONVERSATION);
}

#[test]
fn each_mechanism_is_needed() {
    for (removed, bounds, promise) in REMOVALS {
        let on = removed.iter().fold(Mechanisms::ALL, |on, mechanism| on.without(*mechanism));
        let steps = counterexample(&Delivery::new(bounds, on), promise);
        let steps = steps.unwrap_or_else(|| panic!("without {removed:?} it still holds that {promise}"));
        println!("without {removed:?}, not: {promise}\n  {}", steps.join(", "));
    }
    let removed = |mechanism| REMOVALS.iter().any(|(removed, ..)| removed.contains(mechanism));
    assert!(Mechanism::VARIANTS.iter().all(removed), "each mechanism has a row");
}

#[test]
fn every_part_of_the_code_that_the_model_names_is_gone_through() {
    let mut seen = 0;
    for (bounds, on) in [(CALLBACKS, Mechanisms::ALL), (FAULTS, Mechanisms::ALL)] {
        let model = Delivery::new(bounds, on);
        let bits = model.seen.clone();
        explore(model);
        seen |= bits.load(Ordering::Relaxed);
    }
    let unseen: Vec<_> = Part::VARIANTS.iter().filter(|part| seen & 1 << **part as u32 == 0).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}
