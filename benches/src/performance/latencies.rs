//! Latencies of several runs.

use crate::percentiles::Percentiles;
use crate::spread::Spread;

/// One set of latencies a run.
pub struct Latencies(Vec<Percentiles>);

impl Latencies {
    /// Of these runs.
    pub const fn of(runs: Vec<Percentiles>) -> Self {
        Self(runs)
    }

    /// Milliseconds at a percentile, of each run.
    pub fn at(&self, percent: usize) -> Spread {
        Spread::of(self.0.iter().map(|run| run.millis(percent)))
    }

    /// The median run's milliseconds by percentile, for a plot.
    pub fn curve(&self) -> Vec<(f64, f64)> {
        (1..=99).map(|percent| (percent as f64, self.at(percent).median())).collect()
    }
}
