//! How much of an invocation's time must be left for what.

use std::time::{Duration, SystemTime};

use shared::jitter::with_jitter;

/// No attempt starts with less time than this left: waiting for a slot, a POST and the record of its result must fit.
pub const MIN_ATTEMPT_TIME: Duration = Duration::from_secs(9);
/// No message is claimed with less, once its slot has come.
pub const MIN_CLAIM_TIME: Duration = Duration::from_secs(8);
/// Nothing is received, or held for its slot, with less: both last up to a second longer.
pub const MIN_RECEIVE_TIME: Duration = Duration::from_secs(10);
/// The largest share of [`MIN_RECEIVE_TIME`] by which an invocation stops to receive earlier.
const JITTER: f64 = 0.5;

/// How much of an invocation's time is left, by the wall clock that Lambda uses.
pub fn remaining(deadline: SystemTime) -> Duration {
    deadline.duration_since(SystemTime::now()).unwrap_or_default()
}

/// How much time an invocation has left when it stops to receive. Those that began together do not stop together.
pub fn last_receive() -> Duration {
    with_jitter(MIN_RECEIVE_TIME, JITTER)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn invocations_that_began_together_do_not_stop_to_receive_together() {
        let ends: BTreeSet<Duration> = (0..20).map(|_| last_receive()).collect();
        assert!(ends.len() > 10, "{ends:?}");
        assert!(ends.iter().all(|end| *end >= MIN_RECEIVE_TIME && *end <= MIN_RECEIVE_TIME.mul_f64(1.0 + JITTER)));
    }
}
