//! The protocol of charging in every order of events, within bounds: it holds with all of its mechanisms, and without any
//! one of them the checker finds how a promise breaks.

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
/// Three of them.
const THREE: Bounds = Bounds { messages: &[0, 0, 0], granted: 2, faults: 1 };
/// Two messages, and a credit for one.
const TWO_MESSAGES: Bounds = Bounds { messages: &[0, 1], granted: 1, faults: 3 };

/// Without this mechanism, within these bounds, this promise breaks.
const REMOVALS: [(Mechanism, Bounds, &str); 17] = [
    (Credit, TWO_MESSAGES, NOT_OVERSOLD),
    (ChargedOnce, ONE_KEY, EXACT_MONEY),
    (OwnCharge, ONE_KEY, NOT_IN_VAIN),
    (ByNonce, ONE_KEY, EXACT_MONEY),
    (PutIfAbsent, ONE_KEY, ONCE),
    (OwnPut, ONE_KEY, ENDS),
    (WithdrawUntouched, ONE_KEY, REFUSED),
    (WithdrawOwn, ONE_KEY, DURABLE),
    (GoneIfAnothers, ONE_KEY, EXACT_MONEY),
    (RefusedIfWithdrawn, ONE_KEY, REFUSED),
    (GivenBackOnce, ONE_KEY, NOT_OVERSOLD),
    (UnderWay, ONE_KEY, DURABLE),
    (AgeBeforeRead, ONE_KEY, DURABLE),
    (QueuedByNonce, ONE_KEY, DURABLE),
    (SettleReservations, ONE_KEY, NO_RESERVATION),
    (Ended, ONE_KEY, NOT_OVERSOLD),
    (EnqueueThenRemove, ONE_KEY, ENDS),
];

fn holds(bounds: Bounds) -> Vec<&'static str> {
    let found = explore(Charging::new(bounds, Mechanisms::ALL));
    println!("{bounds:?}: {} states, {} deep, {:?}", found.states, found.depth, found.took);
    assert_eq!(found.broken, []);
    found.unseen
}

#[test]
fn two_requests_with_one_key_are_one_message_and_one_charge() {
    assert_eq!(holds(ONE_KEY), [""; 0], "possible, and never happened");
}

#[test]
fn so_are_three() {
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
        let steps = steps.unwrap_or_else(|| panic!("without {removed:?} it still holds that {promise}"));
        println!("without {removed:?}, not: {promise}\n  {}", steps.join(", "));
    }
    let removed = |mechanism: &Mechanism| REMOVALS.iter().any(|(removed, ..)| removed == mechanism);
    assert!(Mechanism::VARIANTS.iter().all(removed), "each mechanism has a row");
}

#[test]
fn every_part_of_the_code_that_the_model_names_is_gone_through() {
    let model = Charging::new(ONE_KEY, Mechanisms::ALL);
    let seen = model.seen.clone();
    explore(model);
    let seen = seen.load(Ordering::Relaxed);
    let unseen: Vec<_> = Part::VARIANTS.iter().filter(|part| seen & 1 << **part as u32 == 0).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}
