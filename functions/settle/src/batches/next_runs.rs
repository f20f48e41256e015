//! The runs of the feeder that this process has scheduled.
//!
//! Each run schedules the next one, unless it knows of one. A process knows its own: so there are at most as many sequences of runs
//! of a number as processes of `settle`, however many batches are accepted.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use shared::clock::Timestamp;
use shared::ids::InstanceId;
use shared::mutex::lock;

/// A queue delays by whole seconds: a run that comes this soon may be the one that asks.
const DELAY_ERROR: Duration = Duration::from_secs(1);

/// The next run of each number.
#[derive(Default)]
pub struct NextRuns(Mutex<HashMap<InstanceId, Timestamp>>);

impl NextRuns {
    /// Whether a run of an instance lies ahead.
    pub fn is_ahead(&self, instance: &InstanceId, now: Timestamp) -> bool {
        let mut runs = lock(&self.0);
        runs.retain(|_, at| *at > now.plus(DELAY_ERROR));
        runs.contains_key(instance)
    }

    /// Notes a run that was scheduled.
    pub fn note(&self, instance: &InstanceId, at: Timestamp) {
        lock(&self.0).insert(instance.clone(), at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_scheduled_once_until_it_comes() {
        let (runs, instance, now) = (NextRuns::default(), InstanceId::generate(), Timestamp::from_secs(1_000));
        assert!(!runs.is_ahead(&instance, now));
        runs.note(&instance, now.plus(Duration::from_secs(3)));
        assert!(runs.is_ahead(&instance, now) && !runs.is_ahead(&InstanceId::generate(), now));
        assert!(!runs.is_ahead(&instance, now.plus(Duration::from_millis(2100))), "it may have come early");
    }
}
