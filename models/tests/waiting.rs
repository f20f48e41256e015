//! A conversation whose messages wait in the table, in every order of events, within bounds: it keeps its order, and every
//! message ends, with all mechanisms, and not without any one of them.

use std::sync::atomic::Ordering;

use models::exploration::{counterexample, explore};
use models::mechanisms::Mechanisms;
use models::waiting::Waiting;
use models::waiting::mechanism::Mechanism::{self, *};
use models::waiting::part::Part;
use models::waiting::property::*;
use strum::VariantArray;

/// Messages to one recipient, and whether there are crashes, failures, and second feeders.
const BOUNDS: [(u8, bool); 2] = [(2, true), (3, false)];

/// Without this mechanism, this promise breaks.
const REMOVALS: [(Mechanism, &str); 5] = [
    (BulkWaitsBehind, IN_ORDER),
    (ExpressWaitsBehind, IN_ORDER),
    (SeenFirst, IN_ORDER),
    (TableFirst, ENDS),
    (FedUntilClaimed, ENDS),
];

#[test]
fn messages_that_wait_in_the_table_keep_their_order_and_all_leave() {
    let mut covered = 0;
    for (messages, has_faults) in BOUNDS {
        let model = Waiting::new(messages, has_faults, Mechanisms::ALL);
        let covers = model.covered.clone();
        let found = explore(model);
        println!("{messages} messages: {} states, {} deep, {:?}", found.states, found.depth, found.duration);
        assert_eq!(found.broken, []);
        assert!(!has_faults || found.unreached.is_empty(), "should be reachable: {:?}", found.unreached);
        covered |= covers.load(Ordering::Relaxed);
    }
    let uncovered: Vec<_> = Part::VARIANTS.iter().filter(|part| covered & 1 << **part as u32 == 0).collect();
    assert!(uncovered.is_empty(), "{uncovered:?}");
}

#[test]
fn each_mechanism_is_needed() {
    for (removed, promise) in REMOVALS {
        let find = |(messages, has_faults)| {
            counterexample(&Waiting::new(messages, has_faults, Mechanisms::ALL.without(removed)), promise)
        };
        let steps = BOUNDS.into_iter().find_map(find);
        let steps = steps.unwrap_or_else(|| panic!("without {removed:?} it still holds: {promise}"));
        println!("without {removed:?}, broken: {promise}\n  {}", steps.join(", "));
    }
    let removed = |mechanism: &Mechanism| REMOVALS.iter().any(|(removed, ..)| removed == mechanism);
    assert!(Mechanism::VARIANTS.iter().all(removed), "each mechanism has a row");
}
