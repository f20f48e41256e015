//! A random sample of faults; the program `sweep` runs all of them (docs/faults.md).

mod checker;

use tests::sweep::fault_cases;
use tests::sweep::run::{Scenario, run_all, run_without_faults};

/// The program that `cargo run` runs.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pombo-under-test");
/// How many faults are tried.
const SAMPLE: usize = 24;
/// How many run in parallel: they wait more than they compute.
const SIDE_BY_SIDE: usize = 4;

/// `POMBO_SEED` chooses others.
fn seed() -> u64 {
    std::env::var("POMBO_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_sampled_fault_breaks_a_promise() {
    let (_, calls) = run_without_faults(PROGRAM, Scenario::Whole).await;
    let chosen = fault_cases::sample(&fault_cases::all_single(&calls), SAMPLE, seed());
    let (mut broken, mut met) = (Vec::new(), 0);
    run_all(PROGRAM, Scenario::Whole, chosen, SIDE_BY_SIDE, |case, outcome| {
        met += outcome.met;
        broken.extend(outcome.broken.into_iter().map(|seen| format!("{case}: {seen}")));
    })
    .await;
    assert!(broken.is_empty(), "POMBO_SEED={}:\n{}", seed(), broken.join("\n"));
    assert!(met >= SAMPLE * 3 / 4, "only {met} of {SAMPLE} faults came up");
}
