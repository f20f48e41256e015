//! The ownership of numbers in every order of events, within bounds: it keeps its promises with all mechanisms, and without
//! any one of them the checker finds how a promise breaks.

use std::sync::atomic::Ordering;

use models::exploration::{counterexample, explore};
use models::mechanisms::Mechanisms;
use models::ownership::Request::{Connect, Delete, Disconnect, TokenDies};
use models::ownership::mechanism::Mechanism::{self, *};
use models::ownership::part::Part;
use models::ownership::property::*;
use models::ownership::{Bounds, Ownership};
use strum::VariantArray;

/// The first instance loses its token, moves to another number, and is disconnected twice and deleted; the second one wants
/// its first number.
const MOVE: Bounds = Bounds {
    requests: &[TokenDies(0), Connect(0, 1), Disconnect(0), Connect(1, 0), Disconnect(0), Delete(0)],
    inbound: 2,
    inherited: false,
};
/// The record of the first instance names the second one's number.
const INHERITED: Bounds = Bounds {
    requests: &[Disconnect(0), Connect(0, 0), Delete(0), Disconnect(1), Connect(1, 0)],
    inbound: 2,
    inherited: true,
};

/// Without this mechanism, within these bounds, this promise breaks.
const REMOVALS: [(Mechanism, Bounds, &str); 6] = [
    (OneOwner, MOVE, NOT_TAKEN),
    (FreeOwn, INHERITED, NOT_TAKEN),
    (Unchanged, MOVE, BOUND),
    (DeadToken, MOVE, CAN_BE_FREED),
    (OwnerPerMessage, MOVE, RIGHT_OWNER),
    (BetweenOwners, MOVE, NOT_LOST),
];

fn holds(bounds: Bounds) -> Vec<&'static str> {
    let found = explore(Ownership::new(bounds, Mechanisms::ALL));
    println!("{bounds:?}: {} states, {} deep, {:?}", found.states, found.depth, found.duration);
    assert_eq!(found.broken, []);
    found.unreached
}

#[test]
fn a_number_moves_without_being_taken_and_without_losing_messages() {
    assert_eq!(holds(MOVE), [""; 0], "should be reachable");
}

#[test]
fn a_record_that_names_anothers_number_takes_nothing_from_it() {
    holds(INHERITED);
}

#[test]
fn each_mechanism_is_needed() {
    for (removed, bounds, promise) in REMOVALS {
        let steps = counterexample(&Ownership::new(bounds, Mechanisms::ALL.without(removed)), promise);
        let steps = steps.unwrap_or_else(|| panic!("without {removed:?} it still holds: {promise}"));
        println!("without {removed:?}, broken: {promise}\n  {}", steps.join(", "));
    }
    let removed = |mechanism: &Mechanism| REMOVALS.iter().any(|(removed, ..)| removed == mechanism);
    assert!(Mechanism::VARIANTS.iter().all(removed), "each mechanism has a row");
}

#[test]
fn the_exploration_covers_every_function_that_the_model_names() {
    let model = Ownership::new(MOVE, Mechanisms::ALL);
    let covered = model.covered.clone();
    explore(model);
    let covered = covered.load(Ordering::Relaxed);
    let uncovered: Vec<_> = Part::VARIANTS.iter().filter(|part| covered & 1 << **part as u32 == 0).collect();
    assert!(uncovered.is_empty(), "{uncovered:?}");
}
