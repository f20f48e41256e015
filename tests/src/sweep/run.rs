//! One run of the scenario with the faults of a case.

use std::panic::AssertUnwindSafe;

use futures::{FutureExt as _, StreamExt as _};

use super::cases::Case;
use super::checker::{IN_ORDER, check};
use super::evidence::Evidence;
use super::fixture::Fixture;
use super::quiescence::run_until_quiescent;
use super::scenario::run_scenario;
use crate::fault::CallId;

/// The result of a run.
#[derive(Debug)]
pub struct Outcome {
    /// How many of the faults happened.
    pub met: usize,
    /// The violations; none if all promises held.
    pub broken: Vec<String>,
}

/// Runs the scenario with these faults. `program` is `CARGO_BIN_EXE_pombo-under-test`.
pub async fn run(program: &str, case: &Case) -> Outcome {
    let ran = AssertUnwindSafe(run_and_check(program, case)).catch_unwind().await;
    ran.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
        let broken = vec![format!("the run ended: {}", words.unwrap_or_else(|| "a panic".to_owned()))];
        Outcome { met: case.0.len(), broken }
    })
}

/// Runs cases in parallel, `jobs` at a time, and passes each result to `ended`.
pub async fn run_all(program: &str, cases: Vec<Case>, jobs: usize, mut ended: impl FnMut(Case, Outcome)) {
    let runs = cases.into_iter().map(|case| {
        let program = program.to_owned();
        // A separate task, so that all cores are used.
        tokio::spawn(async move {
            let outcome = run(&program, &case).await;
            (case, outcome)
        })
    });
    let mut runs = futures::stream::iter(runs).buffer_unordered(jobs);
    while let Some(run) = runs.next().await {
        if let Ok((case, outcome)) = run {
            ended(case, outcome);
        }
    }
}

/// Runs the scenario without a fault; returns its evidence and its calls.
///
/// # Panics
/// When the stack does not become quiescent.
pub async fn run_without_faults(program: &str) -> (Evidence, Vec<CallId>) {
    let performed = perform(program, &Case(Vec::new())).await;
    assert_eq!(performed.rest, Ok(()));
    (performed.evidence, performed.calls)
}

struct Performed {
    met: usize,
    rest: Result<(), String>,
    calls: Vec<CallId>,
    evidence: Evidence,
}

async fn perform(program: &str, case: &Case) -> Performed {
    let fixture = Fixture::set_up(program).await;
    fixture.begin(&case.0);
    let requests = run_scenario(&fixture).await;
    let rest = run_until_quiescent(&fixture).await;
    let calls = fixture.calls();
    Performed { met: fixture.met(), rest, calls, evidence: Evidence::gather(&fixture, requests).await }
}

async fn run_and_check(program: &str, case: &Case) -> Outcome {
    let Performed { met, rest, evidence, .. } = perform(program, case).await;
    let mut violations = check(&evidence);
    violations.retain(|violation| violation.promise != IN_ORDER || !case.outlives_its_lease());
    let broken = rest.err().into_iter().chain(violations.iter().map(ToString::to_string)).collect();
    Outcome { met, broken }
}
