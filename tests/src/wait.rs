//! Waiting for a condition.

use std::time::Duration;

use tokio::time::{Instant, interval};

/// How long anything may take on a machine that is busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Polls a condition until it returns a value.
///
/// # Panics
/// When it returns none in time.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let until = Instant::now() + PATIENCE;
    let mut ticks = interval(Duration::from_millis(10));
    loop {
        ticks.tick().await;
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < until, "timed out waiting for {what}");
    }
}

/// Waits for a future, at most as long as a test waits for anything.
///
/// # Panics
/// When it does not complete in time.
pub async fn in_time<T>(what: &str, coming: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, coming).await.unwrap_or_else(|_| panic!("timed out waiting for {what}"))
}
