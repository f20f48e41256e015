//! Dollars per million messages and at rest, from what is measured here and AWS's list prices: docs/cost.md.

pub mod assumptions;
pub mod bill;
pub mod counters;
pub mod metered_stack;
mod metrics;
mod notes;
pub mod prices;
mod queues;
mod report;
mod rest;
pub mod template;
pub mod units;
pub mod wire;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::interval;

use counters::{Counters, Stored};
use metered_stack::MeteredStack;
use template::Deployed;

/// Messages a second of a busy number: below the slots of one of 80 a second, so that none waits.
pub const BUSY: u64 = 50;
/// Messages a second of a trickle, in which no two share a batch.
const TRICKLE: u64 = 2;
/// Seconds of messages that are sent before those that count, so that processes are started and connections made.
pub const WARM_UP: u64 = 3;

/// Messages at a rate, and what one of them used.
pub struct Run {
    /// Messages a second.
    pub rate: u64,
    /// How many were measured.
    pub messages: usize,
    /// What one used.
    pub used: Counters,
    /// What one left in the tables.
    pub stored: Stored,
}

/// Measures both rates and a minute of rest, and prints the document.
pub async fn measure(program: &str, busy: usize, trickle: usize) {
    let deployed = Deployed::read();
    let (busy, _) = run(program, BUSY, busy).await;
    let (trickle, stack) = run(program, TRICKLE, trickle).await;
    eprintln!("a few minutes of rest");
    let metrics = metrics::count(&stack.between.stack.logs());
    let minute = rest::minute(&stack).await;
    print!("{}", report::document(&[busy, trickle], &minute, metrics, &deployed));
}

async fn run(program: &str, rate: u64, messages: usize) -> (Run, Arc<MeteredStack>) {
    let stack = Arc::new(MeteredStack::start(program).await);
    let first = usize::try_from(WARM_UP * rate).expect("a count");
    send(&stack, rate, 0, first).await;
    let before = stack.read();
    send(&stack, rate, first, messages).await;
    let used = stack.read().per_message(&before, messages);
    (Run { rate, messages, used, stored: stack.stored().await }, stack)
}

/// Sends messages evenly, each to a phone of its own, and waits until all of them have been told.
pub async fn send(stack: &Arc<MeteredStack>, rate: u64, first: usize, messages: usize) {
    let mut ticks = interval(Duration::from_millis(1000 / rate));
    let mut sent = JoinSet::new();
    for number in first..first + messages {
        ticks.tick().await;
        let stack = stack.clone();
        sent.spawn(async move { stack.send(&format!("55119{number:08}")).await });
        eprint!("\r{rate} a second: {} of {messages} sent", number + 1 - first);
    }
    eprintln!();
    sent.join_all().await;
    stack.wait_for_rest(first + messages).await;
}
