//! Waiting for work that makes progress, however slow the machine is.

use std::time::{Duration, Instant};

/// How long a run may make no progress before it fails.
const STALL: Duration = Duration::from_secs(60);

/// Waits until a count reaches a figure, for as long as it grows.
///
/// # Panics
/// When it has not grown for a minute.
pub async fn wait<F: Future<Output = usize>>(what: &str, all: usize, count: impl Fn() -> F) {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let (mut most, mut grew) = (0, Instant::now());
    loop {
        ticks.tick().await;
        let now = count().await;
        if now >= all {
            return;
        }
        if now > most {
            (most, grew) = (now, Instant::now());
        }
        assert!(grew.elapsed() < STALL, "{most} of {all} {what}, and no more for a minute");
    }
}
