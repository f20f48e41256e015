//! Messages a second when clients send as fast as they are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures::future::join_all;

use crate::performance::load::Load;
use crate::spread::Spread;

/// Clients that each wait for an answer before they send again.
pub const CLIENTS: usize = 16;

/// The rates that were reached.
pub struct Saturation {
    /// Messages of each run.
    pub messages: usize,
    /// Accepted a second.
    pub accepted: Spread,
    /// Messages a second that were accepted, sent, delivered and read, from the first request to the last of three webhooks.
    pub notified: Spread,
}

/// Measures so many runs of so many messages.
pub async fn measure(program: &str, runs: usize, messages: usize) -> Saturation {
    let load = Load::start(program).await;
    run(&load, messages / 10).await; // processes start and connections are made
    let mut rates = Vec::new();
    for number in 1..=runs {
        eprintln!("saturation: run {number} of {runs}");
        rates.push(run(&load, messages).await);
    }
    let (accepted, notified) = rates.into_iter().unzip::<f64, f64, Vec<_>, Vec<_>>();
    Saturation { messages, accepted: Spread::of(accepted), notified: Spread::of(notified) }
}

async fn run(load: &Arc<Load>, messages: usize) -> (f64, f64) {
    let (begun, taken) = (Instant::now(), AtomicUsize::new(0));
    let clients = (0..CLIENTS).map(|_| async {
        while taken.fetch_add(1, Ordering::Relaxed) < messages {
            load.send(Instant::now()).await;
        }
    });
    join_all(clients).await;
    let accepted = messages as f64 / begun.elapsed().as_secs_f64();
    load.wait_until_told().await;
    (accepted, messages as f64 / begun.elapsed().as_secs_f64())
}
