//! Dollars per million messages and at rest, from what is measured here and AWS's list prices: docs/cost.md.

pub mod assumptions;
pub mod bill;
pub mod counters;
mod files;
pub mod kind;
pub mod metered_stack;
mod metrics;
mod notes;
mod others;
pub mod prices;
mod queues;
mod report;
mod rest;
mod rows;
mod run;
pub mod template;
pub mod units;
pub mod wire;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use shared::batch::MAX_RECIPIENTS;
use tokio::task::JoinSet;
use tokio::time::interval;

pub use kind::BUSY;
use kind::Kind;
use metered_stack::MeteredStack;
use run::Run;
use template::Deployed;

/// Messages a second of a low rate, at which few share a batch.
const TRICKLE: u64 = 2;
/// Seconds of messages that are sent before those that count, so that processes are started and connections made.
pub const WARM_UP: u64 = 3;

/// Measures each kind of message, files, both rates and a minute of rest, and prints the document.
pub async fn measure(program: &str, messages: usize, trickle: usize, files: usize) {
    let deployed = Deployed::read();
    let mut kinds = Vec::new();
    for kind in Kind::ALL {
        eprintln!("{}", kind.name());
        kinds.push(run(program, kind, kind.rate(), messages).await.0);
    }
    let files = files::measure(program, files).await;
    let (trickle, stack) = run(program, Kind::Text, TRICKLE, trickle).await;
    eprintln!("a few minutes of rest");
    let metrics = metrics::count(&stack.between.stack.logs());
    let minute = rest::minute(&stack).await;
    print!("{}", report::document(&kinds, &files, &trickle, &minute, metrics, &deployed));
}

async fn run(program: &str, kind: Kind, rate: u64, messages: usize) -> (Run, Arc<MeteredStack>) {
    let stack = Arc::new(MeteredStack::start(program).await);
    let first = if kind == Kind::Batch { messages } else { usize::try_from(WARM_UP * rate).expect("a count") };
    let send = async |numbers| match kind {
        Kind::Batch => send_batches(&stack, messages, numbers).await,
        _ => send(&stack, kind, rate, numbers).await,
    };
    send(0..first).await;
    let before = stack.read();
    send(first..first + messages).await;
    let used = stack.read().per_message(&before, messages);
    (Run { kind, rate, messages, used, stored: stack.stored().await }, stack)
}

/// Sends to as many phones in batches as large as they may be, and waits until they are complete.
async fn send_batches(stack: &Arc<MeteredStack>, phones: usize, numbers: Range<usize>) {
    let (mut left, last) = (numbers.clone(), numbers.end);
    while !left.is_empty() {
        let recipients = left.by_ref().take(MAX_RECIPIENTS).map(|number| phone(number % phones));
        stack.send_batch(recipients).await;
    }
    eprintln!("{} sent in batches", numbers.len());
    stack.wait_for_rest(last).await;
    stack.pass_a_minute().await; // `settle` looks at them
}

fn phone(number: usize) -> String {
    format!("55119{number:08}")
}

/// Sends messages at a constant rate, each to another of the phones of the warm-up, which are known contacts then, and waits until
/// all of their webhooks were called.
pub async fn send(stack: &Arc<MeteredStack>, kind: Kind, rate: u64, numbers: Range<usize>) {
    let (phones, last) = (usize::try_from(WARM_UP * rate).expect("a count"), numbers.end);
    let mut ticks = interval(Duration::from_micros(1_000_000 / rate));
    let mut sent = JoinSet::new();
    for number in numbers {
        ticks.tick().await;
        let stack = stack.clone();
        sent.spawn(async move { stack.send(kind, &phone(number % phones)).await });
        eprint!("\r{rate} a second: {} of {last} sent", number + 1);
    }
    eprintln!();
    sent.join_all().await;
    stack.wait_for_rest(last).await;
}
