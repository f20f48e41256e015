//! What the tests of every protocol assert.

use models::exploration::{Explored, counterexample, explore};
use models::mechanisms::Mechanisms;
use models::protocol::{Model, Protocol};
use strum::VariantArray;

/// Without these mechanisms, within these bounds, this promise breaks.
pub type Removal<P> = (&'static [<P as Protocol>::Mechanism], P, &'static str);

/// The protocol keeps its promises with all mechanisms.
pub fn holds<P: Protocol>(bounds: P) -> Explored<P> {
    let found = explore(&Model::new(bounds, Mechanisms::ALL));
    println!("{bounds:?}: {} states, {} deep, {:?}", found.states, found.depth, found.duration);
    assert_eq!(found.broken, []);
    found
}

/// And everything that should be reachable is.
pub fn holds_and_reaches_all<P: Protocol>(bounds: P) -> Explored<P> {
    let found = holds(bounds);
    assert_eq!(found.unreached, [""; 0], "should be reachable");
    found
}

/// The explorations cover every function that the model names.
pub fn cover_every_part<P: Protocol>(explorations: &[Explored<P>]) {
    let is_covered = |part| explorations.iter().any(|found| found.covered.contains(part));
    let uncovered: Vec<_> = P::Part::VARIANTS.iter().filter(|part| !is_covered(part)).collect();
    assert!(uncovered.is_empty(), "{uncovered:?}");
}

/// Without any one of its mechanisms the checker finds how a promise breaks.
pub fn each_mechanism_is_needed<P: Protocol>(removals: &[Removal<P>]) {
    for (removed, bounds, promise) in removals {
        let active = removed.iter().fold(Mechanisms::ALL, |active, mechanism| active.without(*mechanism));
        let removed = removed.iter().map(|mechanism| format!("{mechanism:?}")).collect::<Vec<_>>().join(" and ");
        let steps = counterexample(&Model::new(*bounds, active), promise);
        let steps = steps.unwrap_or_else(|| panic!("without {removed} it still holds: {promise}"));
        println!("without {removed}, broken: {promise}\n  {}", steps.join(", "));
    }
    let is_removed = |mechanism| removals.iter().any(|(removed, ..)| removed.contains(mechanism));
    assert!(P::Mechanism::VARIANTS.iter().all(is_removed), "each mechanism has a row");
}
