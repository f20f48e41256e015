//! Percentiles of durations.

use std::fmt;
use std::time::Duration;

/// A duration in milliseconds.
pub fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Durations in order.
pub struct Percentiles(Vec<Duration>);

impl Percentiles {
    /// Of these durations.
    ///
    /// # Panics
    /// When there are none.
    pub fn of(mut durations: Vec<Duration>) -> Self {
        assert!(!durations.is_empty(), "nothing was measured");
        durations.sort_unstable();
        Self(durations)
    }

    /// The duration at a percentile.
    pub fn at(&self, percent: usize) -> Duration {
        self.0[(self.0.len() * percent).div_ceil(100).clamp(1, self.0.len()) - 1]
    }

    /// The same in milliseconds.
    pub fn millis(&self, percent: usize) -> f64 {
        millis(self.at(percent))
    }
}

impl fmt::Display for Percentiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "p50 {:.1} ms, p90 {:.1} ms, p99 {:.1} ms, of {}",
            self.millis(50),
            self.millis(90),
            self.millis(99),
            self.0.len()
        )
    }
}
