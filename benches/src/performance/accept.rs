//! How fast messages are accepted and sent when they arrive at a rate.

use std::sync::Arc;

use crate::percentiles::Percentiles;
use crate::performance::latencies::Latencies;
use crate::performance::load::{Accepted, Load};

/// Seconds of arrivals before those that count.
const WARM_UP: usize = 2;

/// Latencies at a rate.
pub struct AtRate {
    /// Arrivals a second.
    pub rate: u64,
    /// Messages of each run.
    pub messages: usize,
    /// From arrival to 202.
    pub accept: Latencies,
    /// From acceptance to `sent`.
    pub queued_to_sent: Latencies,
}

/// Measures so many runs of so many seconds.
pub async fn measure(program: &str, rate: u64, runs: usize, seconds: usize) -> AtRate {
    let load = Load::start(program).await;
    let (per_second, mut accept, mut queued_to_sent) = (rate as usize, Vec::new(), Vec::new());
    settle(&load, rate, per_second * WARM_UP).await;
    for run in 1..=runs {
        eprintln!("accept at {rate} a second: run {run} of {runs}");
        let accepted = settle(&load, rate, per_second * seconds).await;
        accept.push(Percentiles::of(accepted.iter().map(|message| message.took).collect()));
        queued_to_sent.push(load.queued_to_sent(&accepted).await);
    }
    let (accept, queued_to_sent) = (Latencies::of(accept), Latencies::of(queued_to_sent));
    AtRate { rate, messages: per_second * seconds, accept, queued_to_sent }
}

/// Sends messages and waits until no work is left.
async fn settle(load: &Arc<Load>, rate: u64, messages: usize) -> Vec<Accepted> {
    let accepted = load.send_at(rate, messages).await;
    load.wait_until_told().await;
    accepted
}
