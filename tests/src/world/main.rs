//! `world`: worlds at random until one breaks a promise, shrunk to the operations that it needs.
//!
//! The functions are this very program, started as `function NAME`, as the stack's own program is.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use futures::StreamExt as _;
use strum::IntoEnumIterator as _;
use tests::program;
use tests::world::Kind;
use tests::world::generator::{Size, generate};
use tests::world::plan::Plan;
use tests::world::run::{Outcome, run};
use tests::world::shrink::{Effort, shrink};

/// Searches for a world that breaks a promise.
#[derive(Parser)]
struct Arguments {
    /// The seed of the first world; the next one has the next seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many worlds.
    #[arg(long, default_value_t = 1)]
    worlds: u64,
    /// Starts worlds for this many minutes instead.
    #[arg(long)]
    minutes: Option<u64>,
    /// The most accounts of a world.
    #[arg(long, default_value_t = 5)]
    accounts: usize,
    /// The most instances of a world.
    #[arg(long, default_value_t = 8)]
    instances: usize,
    /// The operations of a world.
    #[arg(long, default_value_t = 200)]
    operations: usize,
    /// No people whose messages take half a minute or, by the stack's clock, a day.
    #[arg(long)]
    fast: bool,
    /// Only these kinds of operations, such as `send,cancel`.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Kind>,
    /// No operation of these kinds.
    #[arg(long, value_delimiter = ',')]
    without: Vec<Kind>,
    /// Concurrent worlds.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// How many runs the shrinking of a failing world may take; 0 does not shrink it.
    #[arg(long, default_value_t = 200)]
    shrink: usize,
    /// How often an operation list is run before it is taken to hold.
    #[arg(long, default_value_t = 2)]
    tries: usize,
    /// Runs the world in this file instead.
    #[arg(long)]
    replay: Option<PathBuf>,
    /// Prints the world of the seed and runs nothing.
    #[arg(long)]
    print: bool,
}

fn main() -> ExitCode {
    program::run(|program| async move { search(&Arguments::parse(), &program).await })
}

impl Arguments {
    fn size(&self) -> Size {
        let all: BTreeSet<Kind> = Kind::iter().collect();
        let only: BTreeSet<Kind> = if self.only.is_empty() { all } else { self.only.iter().copied().collect() };
        let kinds = only.into_iter().filter(|kind| !self.without.contains(kind)).collect();
        let Self { accounts, instances, operations, .. } = *self;
        Size { accounts, instances, slow: !self.fast, operations, kinds }
    }

    /// The worlds to run, with their names.
    fn plans(&self) -> Box<dyn Iterator<Item = (String, Plan)> + '_> {
        if let Some(file) = &self.replay {
            let text = std::fs::read_to_string(file).expect("a file that can be read");
            let plan: Plan = text.parse().expect("a world");
            let name = file.display().to_string();
            return Box::new((0..self.worlds).map(move |_| (name.clone(), plan.clone())));
        }
        let (size, began, minutes) = (self.size(), Instant::now(), self.minutes);
        let is_over = move |number| match minutes {
            Some(minutes) => began.elapsed() >= Duration::from_secs(minutes * 60),
            None => number >= self.worlds,
        };
        let seeds = (0..).take_while(move |number| !is_over(*number)).map(|number| self.seed + number);
        Box::new(seeds.map(move |seed| (format!("seed {seed}"), generate(seed, &size))))
    }
}

async fn search(arguments: &Arguments, program: &str) -> ExitCode {
    if arguments.print {
        arguments.plans().for_each(|(_, plan)| print!("{plan}"));
        return ExitCode::SUCCESS;
    }
    let runs = arguments.plans().map(|(name, plan)| {
        let program = program.to_owned();
        // A separate task, so that all cores are used; spawned when it is its turn.
        async move {
            let began = Instant::now();
            let task = tokio::spawn({
                let plan = plan.clone();
                async move { run(&program, &plan).await }
            });
            (name, plan, task.await.unwrap_or_default(), began.elapsed())
        }
    });
    let mut runs = futures::stream::iter(runs).buffer_unordered(arguments.jobs);
    let (mut count, mut operations, mut faults, mut failed) = (0, 0, 0, Vec::new());
    while let Some((name, plan, outcome, time)) = runs.next().await {
        count += 1;
        operations += plan.steps.len();
        faults += outcome.faults;
        show(&name, &plan, &outcome, time);
        if !outcome.broken.is_empty() {
            failed.push((name, plan, outcome));
        }
    }
    println!("{count} worlds, {operations} operations, {faults} faults, {} broke a promise", failed.len());
    for (name, plan, outcome) in &failed {
        report(arguments, program, name, plan, outcome).await;
    }
    ExitCode::from(u8::from(!failed.is_empty()))
}

fn show(name: &str, plan: &Plan, outcome: &Outcome, time: Duration) {
    let verdict = if outcome.broken.is_empty() { "holds" } else { "BROKEN" };
    let (operations, Outcome { accepted, faults, .. }) = (plan.steps.len(), outcome);
    let seconds = time.as_secs();
    eprintln!("{verdict} {name}: {operations} operations, {accepted} accepted, {faults} faults, {seconds} s");
    outcome.broken.iter().for_each(|broken| eprintln!("    {broken}"));
}

/// Shrinks a world that failed, and prints it.
async fn report(arguments: &Arguments, program: &str, name: &str, plan: &Plan, outcome: &Outcome) {
    let promises: BTreeSet<&'static str> = outcome.broken.iter().map(|broken| broken.promise).collect();
    let effort = Effort { jobs: arguments.jobs, tries: arguments.tries, runs: arguments.shrink };
    let fails = |plan: Plan| {
        let (program, promises) = (program.to_owned(), promises.clone());
        async move {
            let ran = tokio::spawn(async move { run(&program, &plan).await }).await.unwrap_or_default();
            ran.broken.iter().any(|violation| promises.contains(violation.promise))
        }
    };
    let shortest = shrink(plan.clone(), &effort, fails).await;
    println!("# {name}");
    outcome.broken.iter().for_each(|broken| println!("# {broken}"));
    println!("{shortest}");
}
