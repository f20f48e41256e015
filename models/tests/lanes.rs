//! The order of a conversation over two queues in every order of events, within bounds: it is kept, and every message ends,
//! with all mechanisms, and not without any one of them.

use std::sync::atomic::Ordering;

use models::exploration::{counterexample, explore};
use models::lanes::Lanes;
use models::lanes::mechanism::Mechanism::{self, *};
use models::lanes::part::Part;
use models::lanes::property::*;
use models::mechanisms::Mechanisms;
use strum::VariantArray;

/// Requests to one recipient.
const REQUESTS: u8 = 3;

/// Without this mechanism, this promise breaks.
const REMOVALS: [(Mechanism, &str); 5] = [
    (ExpressFirst, IN_ORDER),
    (OtherQueueOnly, ENDS),
    (LooksPastSent, IN_ORDER),
    (MarkedInstance, IN_ORDER),
    (LeaveWhenDrained, IN_ORDER),
];

#[test]
fn parallel_requests_keep_their_order_and_all_leave() {
    let model = Lanes::new(REQUESTS, Mechanisms::ALL);
    let covered = model.covered.clone();
    let found = explore(model);
    println!("{REQUESTS} requests: {} states, {} deep, {:?}", found.states, found.depth, found.duration);
    assert_eq!(found.broken, []);
    assert_eq!(found.unreached, [""; 0], "should be reachable");
    let covered = covered.load(Ordering::Relaxed);
    let uncovered: Vec<_> = Part::VARIANTS.iter().filter(|part| covered & 1 << **part as u32 == 0).collect();
    assert!(uncovered.is_empty(), "{uncovered:?}");
}

#[test]
fn each_mechanism_is_needed() {
    for (removed, promise) in REMOVALS {
        let steps = counterexample(&Lanes::new(REQUESTS, Mechanisms::ALL.without(removed)), promise);
        let steps = steps.unwrap_or_else(|| panic!("without {removed:?} it still holds: {promise}"));
        println!("without {removed:?}, broken: {promise}\n  {}", steps.join(", "));
    }
    let removed = |mechanism: &Mechanism| REMOVALS.iter().any(|(removed, ..)| removed == mechanism);
    assert!(Mechanism::VARIANTS.iter().all(removed), "each mechanism has a row");
}
