//! How fast a batch is accepted, beside as many requests of their own in the same run, and the memory that it takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use secrecy::ExposeSecret;
use serde_json::json;
use shared::batch::MAX_RECIPIENTS;
use tests::process::peak_memory;
use tests::test_stack::TestStack;

use crate::performance::load::Load;
use crate::performance::saturation::CLIENTS;
use crate::spread::Spread;

/// The figures of batches as large as they may be.
pub struct Batches {
    /// Milliseconds from the request to its 202.
    pub accept: Spread,
    /// Messages a second that were accepted: in a batch, and in requests of their own.
    pub rates: [Spread; 2],
    /// Megabytes of the largest process of `send`: before the first batch, and after the last.
    pub memory: [f64; 2],
}

/// Measures so many runs: a batch, its messages until they are told, and as many requests of their own.
pub async fn measure(program: &str, runs: usize) -> Batches {
    let load = Load::start(program).await;
    single_requests(&load, MAX_RECIPIENTS / 10).await; // processes start and connections are made
    load.wait_until_told().await;
    let before = memory(&load);
    let (mut accept, mut singly) = (Vec::new(), Vec::new());
    for run in 1..=runs {
        eprintln!("a batch, and requests of their own: run {run} of {runs}");
        let to = (0..MAX_RECIPIENTS).map(|number| format!("55217{:08}", run * MAX_RECIPIENTS + number));
        accept.push(send(&load.stack, to).await);
        load.tells_besides(3 * MAX_RECIPIENTS);
        load.wait_until_told().await;
        let took = single_requests(&load, MAX_RECIPIENTS).await;
        singly.push(MAX_RECIPIENTS as f64 / took.as_secs_f64());
        load.wait_until_told().await;
    }
    let in_batches = accept.iter().map(|took| MAX_RECIPIENTS as f64 / took.as_secs_f64());
    Batches {
        rates: [Spread::of(in_batches), Spread::of(singly)],
        memory: [before, memory(&load)],
        accept: Spread::of(accept.iter().map(|took| took.as_secs_f64() * 1000.0)),
    }
}

/// Sends a text to these phones in one batch. Returns how long its answer took.
///
/// # Panics
/// When not all of it is accepted.
pub async fn send(stack: &TestStack, to: impl Iterator<Item = String>) -> Duration {
    let recipients: Vec<_> = to.map(|to| json!({ "to": to })).collect();
    let count = recipients.len();
    let body = json!({ "instanceId": stack.customer.instance_id, "message": "Your order has left the house.", "recipients": recipients });
    let begun = Instant::now();
    let key = stack.customer.api_key.expose_secret();
    let (status, accepted) = stack.call_as(key, "POST /v1/messages/batch", body).await;
    assert_eq!((status, &accepted["accepted"]), (202, &json!(count)), "{accepted}");
    begun.elapsed()
}

async fn single_requests(load: &Arc<Load>, messages: usize) -> Duration {
    let (begun, taken) = (Instant::now(), AtomicUsize::new(0));
    let clients = (0..CLIENTS).map(|_| async {
        while taken.fetch_add(1, Ordering::Relaxed) < messages {
            load.send(Instant::now()).await;
        }
    });
    join_all(clients).await;
    begun.elapsed()
}

fn memory(load: &Load) -> f64 {
    let pids = load.stack.stack.functions["send"].pids();
    let peaks = pids.borrow().iter().map(|pid| peak_memory(*pid)).collect::<Vec<_>>();
    peaks.into_iter().max().unwrap_or_default() as f64 / 1024.0
}
