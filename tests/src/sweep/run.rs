//! One run of the scenario with the faults of a case.

use std::panic::AssertUnwindSafe;

use futures::{FutureExt as _, StreamExt as _};

use super::cases::Case;
use super::checker::{IN_ORDER, check};
use super::evidence::Evidence;
use super::rest::come_to_rest;
use super::scenario::play;
use super::stage::Stage;
use crate::fault::CallId;

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// How many of the faults happened.
    pub met: usize,
    /// What it broke; nothing if all promises held.
    pub broken: Vec<String>,
}

/// Plays the scenario with these faults. `program` is the stack's.
pub async fn run(program: &str, case: &Case) -> Outcome {
    let ran = AssertUnwindSafe(judge(program, case)).catch_unwind().await;
    ran.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
        let broken = vec![format!("the run ended: {}", words.unwrap_or_else(|| "a panic".to_owned()))];
        Outcome { met: case.0.len(), broken }
    })
}

/// Runs cases so many at a time, and hands each to `ended` when it has ended.
pub async fn run_all(program: &str, cases: Vec<Case>, jobs: usize, mut ended: impl FnMut(Case, Outcome)) {
    let runs = cases.into_iter().map(|case| {
        let program = program.to_owned();
        // In a task of its own: all cores are to be busy.
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

/// The scenario without a fault: what can be seen of it, and its calls.
///
/// # Panics
/// When it does not come to rest.
pub async fn rehearse(program: &str) -> (Evidence, Vec<CallId>) {
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
    let stage = Stage::set_up(program).await;
    stage.begin(&case.0);
    let requests = play(&stage).await;
    let rest = come_to_rest(&stage).await;
    let calls = stage.calls();
    Performed { met: stage.met(), rest, calls, evidence: Evidence::gather(&stage, requests).await }
}

async fn judge(program: &str, case: &Case) -> Outcome {
    let Performed { met, rest, evidence, .. } = perform(program, case).await;
    let mut violations = check(&evidence);
    violations.retain(|violation| violation.promise != IN_ORDER || !case.outlives_its_lease());
    let broken = rest.err().into_iter().chain(violations.iter().map(ToString::to_string)).collect();
    Outcome { met, broken }
}
