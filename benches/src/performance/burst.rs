//! Messages that all arrive at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt};

use crate::percentiles::Percentiles;
use crate::performance::latencies::Latencies;
use crate::performance::load::Load;
use crate::progress::wait;
use crate::spread::Spread;

/// Connections that the burst comes over.
pub const CONNECTIONS: usize = 256;
/// The time between two samples of the progress.
const LOOK: Duration = Duration::from_millis(250);

/// The figures of bursts.
pub struct Burst {
    /// Messages of each.
    pub messages: usize,
    /// From the burst to a message's 202.
    pub accept: Latencies,
    /// Seconds until all were accepted, sent, and had their three webhooks called.
    pub seconds: [Spread; 3],
    /// Of the last burst: for each second, how many were accepted, sent, and had their three webhooks called.
    pub course: Vec<(f64, [usize; 3])>,
}

/// Measures so many bursts of so many messages.
pub async fn measure(program: &str, runs: usize, messages: usize) -> Burst {
    let (mut accept, mut seconds, mut course) = (Vec::new(), [const { Vec::new() }; 3], Vec::new());
    for run in 1..=runs {
        eprintln!("burst of {messages}: run {run} of {runs}");
        let load = Load::start(program).await; // a new table for each
        let (taken, ends, how) = one(&load, messages).await;
        accept.push(Percentiles::of(taken));
        ends.iter().zip(&mut seconds).for_each(|(end, all)| all.push(end.as_secs_f64()));
        course = how;
    }
    Burst { messages, accept: Latencies::of(accept), seconds: seconds.map(Spread::of), course }
}

type Course = Vec<(f64, [usize; 3])>;

async fn one(load: &Arc<Load>, messages: usize) -> (Vec<Duration>, [Duration; 3], Course) {
    let begun = Instant::now();
    let accepted = AtomicUsize::new(0);
    let counts = || {
        let [sent, notified] = [load.stack.whatsapp().ledger().asked(), load.stack.webhook.count() / 3];
        [accepted.load(Ordering::Relaxed), sent, notified]
    };
    let requests = async {
        let requests = stream::iter(0..messages).map(|_| async {
            let taken = load.send(begun).await.took;
            accepted.fetch_add(1, Ordering::Relaxed);
            taken
        });
        requests.buffer_unordered(CONNECTIONS).collect::<Vec<_>>().await
    };
    let until = |stage: usize| async move {
        wait("messages", messages, || async { counts()[stage] }).await;
        begun.elapsed()
    };
    let course = async {
        let (mut course, mut ticks) = (Course::new(), tokio::time::interval(LOOK));
        while course.last().is_none_or(|(_, [_, _, notified])| *notified < messages) {
            ticks.tick().await;
            course.push((begun.elapsed().as_secs_f64(), counts()));
        }
        course
    };
    let (taken, accepted, sent, notified, course) = tokio::join!(requests, until(0), until(1), until(2), course);
    (taken, [accepted, sent, notified], course)
}
