//! `sweep`: every fault at every call, one at a time, then pairs at random.
//!
//! The functions are this very program, started as `function NAME`, as the stack's own program is.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use fastrand::Rng;
use tests::fault::Injection;
use tests::program;
use tests::sweep::fault_cases::{self, Case, Part};
use tests::sweep::run::{Outcome, Scenario, run_all, run_without_faults};
use tests::sweep::soak::soak;

/// The share of calls that have a fault in the soak.
const FAULTS: f64 = 1.0 / 200.0;

/// Searches for a fault that breaks a promise.
#[derive(Parser)]
struct Arguments {
    /// The seed of what is chosen at random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Runs this many of the single faults, chosen by the seed; all of them without.
    #[arg(long)]
    sample: Option<usize>,
    /// Runs one part of the single faults, such as `2/8`: a whole sweep in several runs.
    #[arg(long, default_value = "1/1")]
    part: Part,
    /// Then runs pairs of faults for this many minutes.
    #[arg(long, default_value_t = 0)]
    pairs: u64,
    /// Runs only calls that contain this, such as `deliver:`.
    #[arg(long, default_value = "")]
    only: String,
    /// Runs the batches of the scenario alone.
    #[arg(long)]
    batches: bool,
    /// Concurrent runs.
    #[arg(long, default_value_t = 4)]
    jobs: usize,
    /// Instead of all that, sends messages for this many minutes while one call in two hundred has a fault.
    #[arg(long)]
    soak: Option<u64>,
    /// Messages a second of the soak.
    #[arg(long, default_value_t = 5.0)]
    rate: f64,
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

fn main() -> ExitCode {
    program::run(|program| async move { run(&Arguments::parse(), &program).await })
}

async fn run(arguments: &Arguments, program: &str) -> ExitCode {
    if let Some(minutes) = arguments.soak {
        return soak_for(arguments, minutes, program).await;
    }
    let mut tally = Tally::default();
    if arguments.case.is_empty() {
        sweep(arguments, program, &mut tally).await;
    } else {
        tally.run((program, arguments.scenario()), vec![Case(arguments.case.clone())], 1).await;
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
    ExitCode::from(u8::from(!tally.failed.is_empty()))
}

async fn soak_for(arguments: &Arguments, minutes: u64, program: &str) -> ExitCode {
    let time = Duration::from_secs(minutes * 60);
    let soaked = soak(program, time, arguments.rate, FAULTS, arguments.seed).await;
    println!("seed {}: {minutes} minutes, {} requests, {} faults", arguments.seed, soaked.requests, soaked.faults);
    println!("| process | KB after 5 minutes | KB at the end | growth |\n|---|---|---|---|");
    for (name, pid, warm, last) in &soaked.memory {
        println!("| {name} {pid} | {warm} | {last} | {:+.1} % |", (*last as f64 / *warm as f64 - 1.0) * 100.0);
    }
    soaked.broken.iter().for_each(|broken| println!("BROKEN {broken}"));
    ExitCode::from(u8::from(!soaked.broken.is_empty()))
}

async fn sweep(arguments: &Arguments, program: &str, tally: &mut Tally) {
    let (_, calls) = run_without_faults(program, arguments.scenario()).await;
    let calls: Vec<_> = calls.into_iter().filter(|call| call.to_string().contains(&arguments.only)).collect();
    let all = fault_cases::all_single(&calls);
    let part: Vec<Case> = all.iter().filter(|case| arguments.part.contains(case)).cloned().collect();
    eprintln!("{} calls, {} single faults, {} of them in this part", calls.len(), all.len(), part.len());
    let chosen = fault_cases::sample(&part, arguments.sample.unwrap_or(part.len()), arguments.seed);
    tally.run((program, arguments.scenario()), chosen, arguments.jobs).await;
    let until = Instant::now() + Duration::from_secs(arguments.pairs * 60);
    let mut random = Rng::with_seed(arguments.seed);
    while Instant::now() < until {
        let pairs = (0..arguments.jobs * 8).filter_map(|_| fault_cases::pair(&all, &mut random)).collect();
        tally.run((program, arguments.scenario()), pairs, arguments.jobs).await;
    }
    let parts: Vec<Case> = tally.failed.iter().flat_map(|(case, _)| case.parts()).collect();
    tally.run((program, arguments.scenario()), parts, arguments.jobs).await; // whether one fault of a pair breaks it alone
}

impl Arguments {
    const fn scenario(&self) -> Scenario {
        if self.batches { Scenario::Batches } else { Scenario::Whole }
    }
}

impl Tally {
    /// Runs cases and shows how far it is.
    async fn run(&mut self, (program, scenario): (&str, Scenario), cases: Vec<Case>, jobs: usize) {
        let (count, began, mut done) = (cases.len(), Instant::now(), 0_usize);
        run_all(program, scenario, cases, jobs, |case, outcome| {
            done += 1;
            self.runs += 1;
            self.unmet += usize::from(outcome.met < case.0.len());
            let verdict = if outcome.broken.is_empty() { "holds" } else { "BROKEN" };
            let left = began.elapsed().as_secs() * (count - done) as u64 / done as u64;
            eprintln!("{done}/{count} {verdict} {case} ({left} s left)");
            outcome.broken.iter().for_each(|broken| eprintln!("    {broken}"));
            if !outcome.broken.is_empty() {
                self.failed.push((case, outcome));
            }
        })
        .await;
    }
}
