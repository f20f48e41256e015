//! Runs of the checker over a model.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use stateright::{Checker, HasDiscoveries, Model as _};
use strum::VariantArray;

use crate::protocol::{Model, Protocol};

/// The result of a run.
#[derive(Debug)]
pub struct Explored<P: Protocol> {
    /// Distinct states.
    pub states: usize,
    /// The longest of the shortest paths to a state, in steps.
    pub depth: usize,
    /// How long it took.
    pub duration: Duration,
    /// Properties that do not hold, each with a counterexample.
    pub broken: Vec<(&'static str, Vec<String>)>,
    /// What should be reachable and was not reached.
    pub unreached: Vec<&'static str>,
    /// The parts of the code that its steps represent.
    pub covered: Vec<P::Part>,
}

/// Explores every state, or stops where a property does not hold.
pub fn explore<P: Protocol>(model: &Model<P>) -> Explored<P> {
    run(model, HasDiscoveries::AnyFailures, None)
}

/// A shortest counterexample to a property, if there is one.
pub fn counterexample<P: Protocol>(model: &Model<P>, property: &'static str) -> Option<Vec<String>> {
    let mut shortest: Option<Vec<String>> = None;
    loop {
        let shorter = shortest.as_ref().map(Vec::len);
        let found = run(model, HasDiscoveries::AllOf(BTreeSet::from([property])), shorter);
        let steps = found.broken.into_iter().find(|(name, _)| *name == property).map(|(_, steps)| steps);
        let Some(steps) = steps else {
            return shortest;
        };
        shortest = Some(steps);
    }
}

/// Runs the checker in one thread, so that each run finds the same, along paths of fewer than `steps` steps.
fn run<P: Protocol>(model: &Model<P>, until: HasDiscoveries, steps: Option<usize>) -> Explored<P> {
    let properties = model.properties();
    let started = Instant::now();
    let mut checker = model.clone().checker().threads(1).finish_when(until);
    if let Some(steps) = steps {
        checker = checker.target_max_depth(steps + 1);
    }
    let checker = checker.spawn_bfs().join();
    let found = checker.discoveries();
    let (failures, reachable): (Vec<_>, Vec<_>) =
        properties.iter().partition(|property| property.expectation.discovery_is_failure());
    let steps = |name| found.get(name).map(|path| path.clone().into_actions());
    let shown = |actions: Vec<P::Action>| actions.iter().map(|action| format!("{action:?}")).collect();
    Explored {
        states: checker.unique_state_count(),
        depth: checker.max_depth(),
        duration: started.elapsed(),
        broken: failures.iter().filter_map(|property| Some((property.name, shown(steps(property.name)?)))).collect(),
        unreached: reachable.iter().map(|property| property.name).filter(|name| !found.contains_key(name)).collect(),
        covered: P::Part::VARIANTS.iter().copied().filter(|part| model.has_covered(*part)).collect(),
    }
}
