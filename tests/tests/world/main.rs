//! A few small worlds; the program `world` runs larger ones, with every kind of operation (docs/faults.md).

use std::collections::BTreeSet;

use futures::future::join_all;
use tests::world::generator::{Size, generate};
use tests::world::plan::Plan;
use tests::world::run::{Outcome, run};
use tests::world::shrink::{Effort, shrink};
use tests::world::{Kind, Operation};
use tokio::sync::Semaphore;

/// The program that `cargo run` runs.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pombo-under-test");
/// How many worlds are run.
const WORLDS: u64 = 2;
/// How many run in parallel, of all tests: they wait more than they compute.
const SIDE_BY_SIDE: usize = 4;
static TURNS: Semaphore = Semaphore::const_new(SIDE_BY_SIDE);
/// The kinds of operations in them.
const KINDS: [Kind; 17] = [
    Kind::Pass,
    Kind::Send,
    Kind::SendBatch,
    Kind::RepeatBatch,
    Kind::CancelBatch,
    Kind::Repeat,
    Kind::Cancel,
    Kind::Write,
    Kind::Endpoint,
    Kind::Rotate,
    Kind::Replay,
    Kind::Trespass,
    Kind::OpenUrl,
    Kind::Rewrite,
    Kind::Renumber,
    Kind::Erase,
    Kind::Template,
];

/// `POMBO_SEED` chooses others.
fn seed() -> u64 {
    std::env::var("POMBO_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

fn small_world(seed: u64) -> Plan {
    generate(seed, &Size { accounts: 3, instances: 4, slow: false, operations: 40, kinds: BTreeSet::from(KINDS) })
}

/// Runs a world when it is its turn, in a task of its own, so that all cores are used.
async fn run_in_turn(plan: Plan) -> Outcome {
    let _turn = TURNS.acquire().await;
    tokio::spawn(async move { run(PROGRAM, &plan).await }).await.expect("a run")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_small_world_breaks_a_promise() {
    let runs = (seed()..seed() + WORLDS).map(|seed| async move { (seed, run_in_turn(small_world(seed)).await) });
    let (mut broken, mut accepted) = (Vec::new(), 0);
    for (seed, outcome) in join_all(runs).await {
        accepted += outcome.accepted;
        broken.extend(outcome.broken.into_iter().map(|seen| format!("seed {seed}: {seen}")));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(accepted >= 20, "only {accepted} messages were accepted");
}

#[test]
fn a_world_is_what_its_written_form_says() {
    let kinds = <Kind as strum::IntoEnumIterator>::iter().collect();
    let plan = generate(seed(), &Size { accounts: 5, instances: 20, slow: true, operations: 1_000, kinds });
    assert_eq!(plan.to_string().parse::<Plan>().expect("a world"), plan);
    assert!("[]\n1 {\"do\":\"nothing\"}".parse::<Plan>().is_err());
}

/// The worlds that broke a promise before the code had the mechanism that their names tell, and short ones of newer operations.
#[tokio::test(flavor = "multi_thread")]
async fn no_kept_world_breaks_a_promise() {
    let kept = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/worlds")).expect("a folder");
    let runs = kept.map(|entry| async move {
        let path = entry.expect("an entry").path();
        let plan: Plan = std::fs::read_to_string(&path).expect("a file").parse().expect("a world");
        let outcome = run_in_turn(plan).await;
        outcome.broken.into_iter().map(move |seen| format!("{}: {seen}", path.display())).collect::<Vec<_>>()
    });
    let outcomes = join_all(runs).await;
    assert!(outcomes.len() >= 24);
    let broken = outcomes.concat();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[tokio::test]
async fn a_failing_world_is_shrunk_to_the_operations_that_it_needs() {
    let kinds = BTreeSet::from(KINDS);
    let plan = generate(seed(), &Size { accounts: 2, instances: 2, slow: true, operations: 300, kinds });
    let needs = |plan: &Plan, message: u32| {
        plan.steps.iter().any(|step| matches!(step.operation, Operation::Send { message: it, .. } if it == message))
    };
    let sent: Vec<u32> = (1..400).filter(|message| needs(&plan, *message)).collect();
    let (first, last) = (sent[0], sent[sent.len() - 1]);
    let effort = Effort { jobs: 1, tries: 1, runs: 10_000 };
    let fails = |plan: Plan| std::future::ready(needs(&plan, first) && needs(&plan, last));
    let shortest = shrink(plan, &effort, fails).await;
    assert_eq!(shortest.steps.len(), 2, "{shortest}");
}
