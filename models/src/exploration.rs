//! Runs of the checker over a model.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::hash::Hash;
use std::time::{Duration, Instant};

use stateright::{Checker, HasDiscoveries, Model};

/// The result of a run.
#[derive(Debug)]
pub struct Explored {
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
}

/// Explores every state, or stops where a property does not hold.
pub fn explore<M>(model: M) -> Explored
where
    M: Model + Send + Sync + 'static,
    M::State: Clone + Hash + PartialEq + Send + Sync + Debug,
    M::Action: Clone + PartialEq + Debug,
{
    run(model, HasDiscoveries::AnyFailures, None)
}

/// A shortest counterexample to a property, if there is one.
pub fn counterexample<M>(model: &M, property: &'static str) -> Option<Vec<String>>
where
    M: Model + Clone + Send + Sync + 'static,
    M::State: Clone + Hash + PartialEq + Send + Sync + Debug,
    M::Action: Clone + PartialEq + Debug,
{
    let mut shortest: Option<Vec<String>> = None;
    loop {
        let shorter = shortest.as_ref().map(Vec::len);
        let found = run(model.clone(), HasDiscoveries::AllOf(BTreeSet::from([property])), shorter);
        let steps = found.broken.into_iter().find(|(name, _)| *name == property).map(|(_, steps)| steps);
        let Some(steps) = steps else {
            return shortest;
        };
        shortest = Some(steps);
    }
}

/// Runs the checker in one thread, so that each run finds the same, along paths of fewer than `steps` steps.
fn run<M>(model: M, until: HasDiscoveries, steps: Option<usize>) -> Explored
where
    M: Model + Send + Sync + 'static,
    M::State: Clone + Hash + PartialEq + Send + Sync + Debug,
    M::Action: Clone + PartialEq + Debug,
{
    let properties = model.properties();
    let started = Instant::now();
    let mut checker = model.checker().threads(1).finish_when(until);
    if let Some(steps) = steps {
        checker = checker.target_max_depth(steps + 1);
    }
    let checker = checker.spawn_bfs().join();
    let found = checker.discoveries();
    let (failures, reachable): (Vec<_>, Vec<_>) =
        properties.iter().partition(|property| property.expectation.discovery_is_failure());
    let steps = |name| found.get(name).map(|path| path.clone().into_actions());
    let shown = |actions: Vec<M::Action>| actions.iter().map(|action| format!("{action:?}")).collect();
    Explored {
        states: checker.unique_state_count(),
        depth: checker.max_depth(),
        duration: started.elapsed(),
        broken: failures.iter().filter_map(|property| Some((property.name, shown(steps(property.name)?)))).collect(),
        unreached: reachable.iter().map(|property| property.name).filter(|name| !found.contains_key(name)).collect(),
    }
}
