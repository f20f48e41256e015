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
mod run;
pub mod template;
pub mod units;
pub mod wire;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::interval;

use metered_stack::MeteredStack;
use run::Run;
use template::Deployed;

/// Messages a second of a busy number: below the slots of one of 80 a second, so that none waits.
pub const BUSY: u64 = 50;
/// Messages a second of a low rate, at which no two share a batch.
const TRICKLE: u64 = 2;
/// Seconds of messages that are sent before those that count, so that processes are started and connections made.
pub const WARM_UP: u64 = 3;

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

/// Sends messages at a constant rate, each to another of the phones of the warm-up, which are known contacts then, and waits until
/// all of their webhooks were called.
pub async fn send(stack: &Arc<MeteredStack>, rate: u64, first: usize, messages: usize) {
    let phones = usize::try_from(WARM_UP * rate).expect("a count");
    let mut ticks = interval(Duration::from_millis(1000 / rate));
    let mut sent = JoinSet::new();
    for number in first..first + messages {
        ticks.tick().await;
        let stack = stack.clone();
        sent.spawn(async move { stack.send(&format!("55119{:08}", number % phones)).await });
        eprint!("\r{rate} a second: {} of {messages} sent", number + 1 - first);
    }
    eprintln!();
    sent.join_all().await;
    stack.wait_for_rest(first + messages).await;
}
