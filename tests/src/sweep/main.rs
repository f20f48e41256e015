//! `sweep`: every fault at every call, one at a time, then pairs at random.

use std::time::{Duration, Instant};

use clap::Parser;
use fastrand::Rng;
use tests::fault::Injection;
use tests::sweep::cases::{self, Case};
use tests::sweep::run::{Outcome, run};
use tokio::task::JoinSet;

/// Looks for a fault that breaks a promise.
#[derive(Parser)]
struct Arguments {
    /// The seed of what is chosen at random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Runs this many of the single faults, chosen by the seed; all of them without.
    #[arg(long)]
    sample: Option<usize>,
    /// Goes on with pairs of faults for so many minutes.
    #[arg(long, default_value_t = 0)]
    pairs: u64,
    /// Runs only calls that contain this, such as `deliver:`.
    #[arg(long, default_value = "")]
    only: String,
    /// Runs side by side.
    #[arg(long, default_value_t = 4)]
    jobs: usize,
    /// Runs these faults alone, such as `deliver:UpdateItem#2=drop-after`.
    #[arg(long = "case")]
    case: Vec<Injection>,
}

/// What was run.
#[derive(Default)]
struct Tally {
    runs: usize,
    unmet: usize,
    failed: Vec<(Case, Outcome)>,
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    let program = program();
    let mut tally = Tally::default();
    if arguments.case.is_empty() {
        sweep(&arguments, &program, &mut tally).await;
    } else {
        run_all(vec![Case(arguments.case.clone())], 1, &program, &mut tally).await;
    }
    println!(
        "seed {}: {} runs, {} whose fault did not come up, {} that broke a promise",
        arguments.seed,
        tally.runs,
        tally.unmet,
        tally.failed.len()
    );
    tally.failed.sort_by_key(|(case, _)| case.0.len());
    for (case, outcome) in &tally.failed {
        println!("{case}");
        outcome.broken.iter().for_each(|broken| println!("    {broken}"));
    }
    std::process::ExitCode::from(u8::from(!tally.failed.is_empty()))
}

async fn sweep(arguments: &Arguments, program: &str, tally: &mut Tally) {
    let without = run(program, &Case(Vec::new())).await;
    let calls: Vec<_> =
        without.calls.iter().filter(|call| call.to_string().contains(&arguments.only)).cloned().collect();
    let all = cases::all_single(&calls);
    eprintln!("{} calls, {} single faults", calls.len(), all.len());
    if !without.broken.is_empty() {
        tally.failed.push((Case(Vec::new()), without));
        return;
    }
    let chosen = arguments.sample.map_or_else(|| all.clone(), |count| cases::sample(&all, count, arguments.seed));
    run_all(chosen, arguments.jobs, program, tally).await;
    let until = Instant::now() + Duration::from_secs(arguments.pairs * 60);
    let mut random = Rng::with_seed(arguments.seed);
    while Instant::now() < until {
        let pairs = (0..arguments.jobs * 8).filter_map(|_| cases::pair(&all, &mut random)).collect();
        run_all(pairs, arguments.jobs, program, tally).await;
    }
}

/// Runs cases side by side and shows how far it is.
async fn run_all(cases: Vec<Case>, jobs: usize, program: &str, tally: &mut Tally) {
    let (count, began) = (cases.len(), Instant::now());
    let (mut left, mut running, mut done) = (cases.into_iter(), JoinSet::new(), 0);
    loop {
        while running.len() < jobs
            && let Some(case) = left.next()
        {
            let program = program.to_owned();
            running.spawn(async move {
                let outcome = run(&program, &case).await;
                (case, outcome)
            });
        }
        let Some(ended) = running.join_next().await else { return };
        let Ok((case, outcome)) = ended else { continue };
        done += 1;
        tally.runs += 1;
        tally.unmet += usize::from(outcome.met < case.0.len());
        let verdict = if outcome.broken.is_empty() { "holds" } else { "BROKEN" };
        let left = began.elapsed().div_f64(f64::from(done)).mul_f64((count as f64 - f64::from(done)).max(0.0));
        eprintln!("{done}/{count} {verdict} {case} ({} s left)", left.as_secs());
        if !outcome.broken.is_empty() {
            tally.failed.push((case, outcome));
        }
    }
}

/// The stack's program lies beside this one.
fn program() -> String {
    let own = std::env::current_exe().unwrap_or_default();
    own.with_file_name("pombo-under-test").to_string_lossy().into_owned()
}
