//! `cargo run --profile measure -p bench -- FIGURE`: one figure of the stack on this machine, with its spread.
//!
//! The functions are this very program, started as `function NAME`, as the stack's own program is.

mod callbacks;
mod compare;
mod cost;
mod media;
mod peers;
mod percentiles;
mod performance;
mod progress;
mod spread;
mod statuses;
mod webhooks;

use std::process::ExitCode;

use clap::Parser;
use tests::program;

/// Measures Pombo on this machine.
#[derive(Debug, Parser)]
#[command(name = "bench")]
enum Figure {
    /// All figures, as Markdown and plots: docs/performance.md
    Performance(performance::Settings),
    /// Processor time of a message with an earlier build of this program and with this one, in turns
    Compare {
        /// The earlier build, or any program that is a function when it is started as `function NAME`
        #[arg(long)]
        before: String,
        /// The later build; this program without
        #[arg(long)]
        after: Option<String>,
        /// How often each is run
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// How many messages at 50 a second in each run
        #[arg(long, default_value_t = 1_000)]
        messages: usize,
    },
    /// Dollars per million messages and at rest, as Markdown: docs/cost.md
    Cost {
        /// How many messages at 50 a second
        #[arg(long, default_value_t = 1_000)]
        messages: usize,
        /// How many at 2 a second
        #[arg(long, default_value_t = 150)]
        trickle: usize,
        /// How many files each way
        #[arg(long, default_value_t = 50)]
        files: usize,
    },
    /// Callbacks a second that one receive process applies, and its median and p99
    Callbacks {
        /// How many callbacks
        #[arg(long, default_value_t = 3_000)]
        callbacks: usize,
    },
    /// A file of 100 MB up and down: how long it takes, and the memory of media
    Media,
    /// Latency from callback to webhook, alone and beside an endpoint that hangs; events a second of one notify process
    Webhooks {
        /// How many events
        #[arg(long, default_value_t = 1_000)]
        events: usize,
    },
    /// Pombo beside what a careful team would write (benches/peers): Lambda functions in TypeScript, and a server; as Markdown
    Peers {
        /// How many messages in each run
        #[arg(long, default_value_t = 200)]
        messages: usize,
        /// How many a second
        #[arg(long, default_value_t = 5)]
        rate: u32,
        /// How many runs of each
        #[arg(long, default_value_t = 5)]
        runs: usize,
    },
}

fn main() -> ExitCode {
    program::run(|program| async move {
        match Figure::parse() {
            Figure::Performance(settings) => performance::measure(&program, settings).await,
            Figure::Compare { before, after, runs, messages } => {
                compare::measure(&before, after.as_deref().unwrap_or(&program), runs, messages).await;
            }
            Figure::Cost { messages, trickle, files } => cost::measure(&program, messages, trickle, files).await,
            Figure::Callbacks { callbacks } => callbacks::measure(&program, callbacks).await,
            Figure::Media => media::measure(&program).await,
            Figure::Webhooks { events } => webhooks::measure(&program, events).await,
            Figure::Peers { messages, rate, runs } => {
                print!("{}", peers::report(&program, peers::Plan { messages, rate, runs }).await);
            }
        }
        ExitCode::SUCCESS
    })
}
