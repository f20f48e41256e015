//! One run of the scenario with the faults of a case.

use std::panic::AssertUnwindSafe;

use futures::{FutureExt as _, StreamExt as _};

use super::batch_scenario::run_batches;
use super::batches::BatchRequest;
use super::checker::{IN_ORDER, check};
use super::evidence::Evidence;
use super::fault_cases::Case;
use super::fixture::Fixture;
use super::quiescence::run_until_quiescent;
use super::scenario::{Player, Request, run_singles};
use crate::fault::CallId;

/// What is run of the scenario.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scenario {
    /// All of it.
    Whole,
    /// Its batches alone.
    Batches,
}

/// The result of a run.
#[derive(Debug)]
pub struct Outcome {
    /// How many of the faults happened.
    pub met: usize,
    /// The violations; none if all promises held.
    pub broken: Vec<String>,
}

/// Runs the scenario with these faults. `program` is `CARGO_BIN_EXE_pombo-under-test`.
pub async fn run(program: &str, scenario: Scenario, case: &Case) -> Outcome {
    let ran = AssertUnwindSafe(run_and_check(program, scenario, case)).catch_unwind().await;
    ran.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
        let broken = vec![format!("the run ended: {}", words.unwrap_or_else(|| "a panic".to_owned()))];
        Outcome { met: case.0.len(), broken }
    })
}

/// Runs cases in parallel, `jobs` at a time, and passes each result to `ended`.
pub async fn run_all(
    program: &str,
    scenario: Scenario,
    cases: Vec<Case>,
    jobs: usize,
    mut ended: impl FnMut(Case, Outcome),
) {
    let runs = cases.into_iter().map(|case| {
        let program = program.to_owned();
        // A separate task, so that all cores are used.
        tokio::spawn(async move {
            let outcome = run(&program, scenario, &case).await;
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
pub async fn run_without_faults(program: &str, scenario: Scenario) -> (Evidence, Vec<CallId>) {
    let performed = perform(program, scenario, &Case(Vec::new())).await;
    assert_eq!(performed.rest, Ok(()));
    (performed.evidence, performed.calls)
}

/// Runs the scenario. Returns the requests to send single messages, and those for batches.
async fn run_scenario(fixture: &Fixture, scenario: Scenario) -> (Vec<Request>, Vec<BatchRequest>) {
    let player = Player::on(fixture);
    let requests = if scenario == Scenario::Whole { run_singles(&player).await } else { Vec::new() };
    (requests, run_batches(&player).await)
}

struct Performed {
    met: usize,
    rest: Result<(), String>,
    calls: Vec<CallId>,
    evidence: Evidence,
}

async fn perform(program: &str, scenario: Scenario, case: &Case) -> Performed {
    let fixture = Fixture::set_up(program).await;
    fixture.begin(&case.0);
    let (requests, batches) = run_scenario(&fixture, scenario).await;
    let rest = run_until_quiescent(&fixture).await;
    let calls = fixture.calls();
    let evidence = Evidence { batch_requests: batches, ..Evidence::gather(&fixture, requests).await };
    Performed { met: fixture.met(), rest, calls, evidence }
}

async fn run_and_check(program: &str, scenario: Scenario, case: &Case) -> Outcome {
    let Performed { met, rest, evidence, .. } = perform(program, scenario, case).await;
    let mut violations = check(&evidence);
    violations.retain(|violation| violation.promise != IN_ORDER || !case.outlives_its_lease());
    let broken = rest.err().into_iter().chain(violations.iter().map(ToString::to_string)).collect();
    Outcome { met, broken }
}
