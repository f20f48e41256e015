//! How much of an invocation's time must be left for what.

use std::time::Duration;

use shared::clock::Timestamp;
use shared::jitter::with_jitter;
use shared::lease::LEASE_MARGIN;

/// No attempt starts with less time than this left: waiting for a slot, a POST and the record of its result must fit.
pub const MIN_ATTEMPT_TIME: Duration = Duration::from_secs(9);
/// No message is claimed with less, once its slot has come.
pub const MIN_CLAIM_TIME: Duration = Duration::from_secs(8);
/// Part of an invocation's time that is kept for the record after the POST.
pub const RECORD_TIME: Duration = Duration::from_secs(5);
/// No POST begins with less, besides the time for its record: WhatsApp often takes a second to answer.
const MIN_POST_TIME: Duration = Duration::from_secs(2);
/// Nothing is received, or waits for its slot, with less: both last up to a second longer.
pub const MIN_RECEIVE_TIME: Duration = Duration::from_secs(10);
/// The largest share of [`MIN_RECEIVE_TIME`] by which an invocation stops to receive earlier.
const JITTER: f64 = 0.5;

/// How long the POST of a message with this lease may still be put off; zero when it is too late for it. One that broke off for want
/// of time would be of unknown outcome, whether it left or not.
pub fn until_last_post(lease: Option<Timestamp>, now: Timestamp) -> Duration {
    lease.map_or(Duration::ZERO, |lease| now.plus(LEASE_MARGIN + RECORD_TIME + MIN_POST_TIME).until(lease))
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
    fn no_post_begins_without_time_for_its_answer_and_its_record() {
        let now = Timestamp::from_secs(1_000_000_000);
        let left = |left: Duration| until_last_post(Some(now.plus(left + LEASE_MARGIN)), now);
        assert_eq!(left(MIN_CLAIM_TIME), Duration::from_secs(1), "what was claimed in time may wait for its slot");
        for too_little in [Duration::ZERO, RECORD_TIME, RECORD_TIME + MIN_POST_TIME] {
            assert_eq!(left(too_little), Duration::ZERO);
        }
        assert_eq!(until_last_post(None, now), Duration::ZERO);
    }

    #[test]
    fn invocations_that_began_together_do_not_stop_to_receive_together() {
        let ends: BTreeSet<Duration> = (0..20).map(|_| last_receive()).collect();
        assert!(ends.len() > 10, "{ends:?}");
        assert!(ends.iter().all(|end| *end >= MIN_RECEIVE_TIME && *end <= MIN_RECEIVE_TIME.mul_f64(1.0 + JITTER)));
    }
}
