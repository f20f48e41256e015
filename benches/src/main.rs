//! `cargo run --profile measure -p bench -- FIGURE`: one figure of the stack on this machine, with its spread.
//!
//! The functions are this very program, started as `function NAME`, as the stack's own program is.

mod callbacks;
mod calls;
mod cost;
mod neighbours;
mod peers;
mod percentiles;
mod statuses;
mod webhooks;

use std::process::ExitCode;

use clap::Parser;

/// Measures Pombo on this machine.
#[derive(Debug, Parser)]
#[command(name = "bench")]
enum Figure {
    /// AWS calls of each function, by operation, per message
    Calls {
        /// How many messages
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
    },
    /// Callbacks a second that one receive process applies, and its median and p99
    Callbacks {
        /// How many callbacks
        #[arg(long, default_value_t = 3_000)]
        callbacks: usize,
    },
    /// Callback to webhook, alone and beside an endpoint that hangs; events a second of one notify process
    Webhooks {
        /// How many events
        #[arg(long, default_value_t = 1_000)]
        events: usize,
    },
    /// Queued to sent of one number, alone and while another number has a campaign waiting
    Neighbours {
        /// How many messages wait on the other number
        #[arg(long, default_value_t = 20_000)]
        waiting: usize,
        /// How many messages are measured in each of the two cases
        #[arg(long, default_value_t = 400)]
        messages: usize,
    },
    /// send and deliver beside those of a careful team in TypeScript and in Python (benches/peers), as Markdown
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
    if std::env::args().nth(1).as_deref() == Some("function") {
        return local::command_line::main();
    }
    let program = std::env::current_exe().expect("this program has a path");
    let program = program.to_str().expect("a path that is text").to_owned();
    let figure = Figure::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        match figure {
            Figure::Calls { messages } => calls::measure(&program, messages).await,
            Figure::Cost { messages, trickle } => cost::measure(&program, messages, trickle).await,
            Figure::Callbacks { callbacks } => callbacks::measure(&program, callbacks).await,
            Figure::Webhooks { events } => webhooks::measure(&program, events).await,
            Figure::Peers { messages, rate, runs } => {
                print!("{}", peers::report(&program, peers::Plan { messages, rate, runs }).await);
            }
            Figure::Neighbours { waiting, messages } => neighbours::measure(&program, waiting, messages).await,
        }
    });
    ExitCode::SUCCESS
}
