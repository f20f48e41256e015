//! Erasure in every order of events, within bounds: it keeps its promises with all mechanisms, and without any one of them the
//! checker finds how a promise breaks.

use std::sync::atomic::Ordering;

use models::erasure::mechanism::Mechanism::{self, *};
use models::erasure::part::Part;
use models::erasure::property::*;
use models::erasure::{Bounds, Erasing};
use models::exploration::{counterexample, explore};
use models::mechanisms::Mechanisms;
use strum::VariantArray;

/// A message of the customer's, which may be sent, refused, cancelled, and reported as failed.
const OUTBOUND: Bounds = Bounds { inbound: false, webhook: true };
/// An inbound message, whose callback WhatsApp repeats.
const INBOUND: Bounds = Bounds { inbound: true, webhook: true };
/// An inbound message, and a webhook that is created at any time.
const NEW_WEBHOOK: Bounds = Bounds { inbound: true, webhook: false };

/// Without this mechanism, within these bounds, this promise breaks.
const REMOVALS: [(Mechanism, Bounds, &str); 7] = [
    (Tombstone, OUTBOUND, EXACT_MONEY),
    (Tombstone, INBOUND, STAYS_ERASED),
    (OnlyFinal, OUTBOUND, RECORDED),
    (AttemptReads, INBOUND, NOT_POSTED),
    (MarksWebhooks, INBOUND, NOT_POSTED),
    (NewWebhookLooks, NEW_WEBHOOK, NOT_POSTED),
    (RedactedAgain, INBOUND, NOTHING_LEFT),
];

#[test]
fn an_erasure_keeps_money_exact_and_leaves_nothing() {
    for bounds in [OUTBOUND, INBOUND, NEW_WEBHOOK] {
        let found = explore(Erasing::new(bounds, Mechanisms::ALL));
        println!("{bounds:?}: {} states, {} deep, {:?}", found.states, found.depth, found.duration);
        assert_eq!((found.broken, found.unreached), (vec![], vec![]), "{bounds:?}");
    }
}

#[test]
fn each_mechanism_is_needed() {
    for (removed, bounds, promise) in REMOVALS {
        let steps = counterexample(&Erasing::new(bounds, Mechanisms::ALL.without(removed)), promise);
        let steps = steps.unwrap_or_else(|| panic!("without {removed:?} it still holds: {promise}"));
        println!("without {removed:?}, broken: {promise}\n  {}", steps.join(", "));
    }
    let removed = |mechanism: &Mechanism| REMOVALS.iter().any(|(removed, ..)| removed == mechanism);
    assert!(Mechanism::VARIANTS.iter().all(removed), "each mechanism has a row");
}

#[test]
fn the_explorations_cover_every_function_that_the_model_names() {
    let covered = [OUTBOUND, INBOUND].map(|bounds| {
        let model = Erasing::new(bounds, Mechanisms::ALL);
        let covered = model.covered.clone();
        explore(model);
        covered.load(Ordering::Relaxed)
    });
    let covered = covered[0] | covered[1];
    let uncovered: Vec<_> = Part::VARIANTS.iter().filter(|part| covered & 1 << **part as u32 == 0).collect();
    assert!(uncovered.is_empty(), "{uncovered:?}");
}
