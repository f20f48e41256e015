//! One run of the scenario with the faults of a case.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;

use super::cases::Case;
use super::checker::check;
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
    /// The calls that were made.
    pub calls: Vec<CallId>,
}

/// Plays the scenario with these faults. `program` is the stack's.
pub async fn run(program: &str, case: &Case) -> Outcome {
    let ran = AssertUnwindSafe(run_on_a_stage(program, case)).catch_unwind().await;
    ran.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
        let broken = vec![format!("the run ended: {}", words.unwrap_or_else(|| "a panic".to_owned()))];
        Outcome { met: case.0.len(), broken, calls: Vec::new() }
    })
}

async fn run_on_a_stage(program: &str, case: &Case) -> Outcome {
    let stage = Stage::set_up(program).await;
    stage.begin(&case.0);
    let requests = play(&stage).await;
    let rest = come_to_rest(&stage).await;
    let calls = stage.calls();
    let evidence = Evidence::gather(&stage, requests).await;
    let broken = rest.err().into_iter().chain(check(&evidence).into_iter().map(|violation| violation.to_string()));
    Outcome { met: stage.met(), broken: broken.collect(), calls }
}
