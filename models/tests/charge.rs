//! The protocol of charging in every order of events, within bounds: it keeps its promises with all mechanisms, and without
//! any one of them the checker finds how a promise breaks.

use std::sync::atomic::Ordering;

use models::charge::mechanism::Mechanism::{self, *};
use models::charge::part::Part;
use models::charge::property::*;
use models::charge::{Bounds, Charging};
use models::exploration::{counterexample, explore};
use models::mechanisms::Mechanisms;
use strum::VariantArray;

/// A request and its repetition under one key.
const ONE_KEY: Bounds = Bounds { messages: &[0, 0], granted: 2, faults: 4 };
/// Three requests under one key.
const THREE: Bounds = Bounds { messages: &[0, 0, 0], granted: 2, faults: 1 };
/// Two messages, and a credit for one.
const TWO_MESSAGES: Bounds = Bounds { messages: &[0, 1], granted: 1, faults: 3 };

/// Without this mechanism, within these bounds, this promise breaks.
const REMOVALS: [(Mechanism, Bounds, &str); 17] = [
    (Credit, TWO_MESSAGES, NOT_OVERSOLD),
    (ChargedOnce, ONE_KEY, EXACT_MONEY),
    (OwnCharge, ONE_KEY, CHARGE_CONTINUES),
    (ByNonce, ONE_KEY, EXACT_MONEY),
    (InsertIfAbsent, ONE_KEY, ONCE),
    (OwnInsert, ONE_KEY, ENDS),
    (WithdrawUntouched, ONE_KEY, REFUSED),
    (WithdrawOwn, ONE_KEY, DURABLE),
    (GoneIfReplaced, ONE_KEY, EXACT_MONEY),
    (RefusedIfWithdrawn, ONE_KEY, REFUSED),
    (RefundedOnce, ONE_KEY, NOT_OVERSOLD),
    (InProgress, ONE_KEY, DURABLE),
    (AgeBeforeRead, ONE_KEY, DURABLE),
    (EnqueuedByNonce, ONE_KEY, DURABLE),
    (SettleReservations, ONE_KEY, NO_RESERVATION),
    (RequestEnded, ONE_KEY, NOT_OVERSOLD),
    (EnqueueThenRelease, ONE_KEY, ENDS),
];

fn holds(bounds: Bounds) -> Vec<&'static str> {
    let found = explore(Charging::new(bounds, Mechanisms::ALL));
    println!("{bounds:?}: {} states, {} deep, {:?}", found.states, found.depth, found.duration);
    assert_eq!(found.broken, []);
    found.unreached
}

#[test]
fn two_requests_with_one_key_make_one_message_and_one_charge() {
    assert_eq!(holds(ONE_KEY), [""; 0], "should be reachable");
}

#[test]
fn three_requests_with_one_key_make_one_message_and_one_charge() {
    holds(THREE);
}

#[test]
fn one_credit_is_not_sold_twice() {
    holds(TWO_MESSAGES);
}

#[test]
fn each_mechanism_is_needed() {
    for (removed, bounds, promise) in REMOVALS {
        let steps = counterexample(&Charging::new(bounds, Mechanisms::ALL.without(removed)), promise);
        let steps = steps.unwrap_or_else(|| panic!("without {removed:?} it still holds: {promise}"));
        println!("without {removed:?}, broken: {promise}\n  {}", steps.join(", "));
    }
    let removed = |mechanism: &Mechanism| REMOVALS.iter().any(|(removed, ..)| removed == mechanism);
    assert!(Mechanism::VARIANTS.iter().all(removed), "each mechanism has a row");
}

#[test]
fn the_exploration_covers_every_function_that_the_model_names() {
    let model = Charging::new(ONE_KEY, Mechanisms::ALL);
    let covered = model.covered.clone();
    explore(model);
    let covered = covered.load(Ordering::Relaxed);
    let uncovered: Vec<_> = Part::VARIANTS.iter().filter(|part| covered & 1 << **part as u32 == 0).collect();
    assert!(uncovered.is_empty(), "{uncovered:?}");
}
