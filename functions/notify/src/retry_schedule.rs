//! The retry schedule of webhook deliveries.

use std::time::Duration;

use shared::clock::Timestamp;
use shared::jitter::with_jitter;

/// The waits between attempts (contract: the first attempt at once, then these).
const WAITS: [Duration; 5] = [
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(6 * 60 * 60),
];
/// The longest `Retry-After` of an endpoint that is honoured.
const MAX_WAIT: Duration = WAITS[4];
/// When a schedule ends, however few attempts were possible: all waits with their jitter, and a quarter of an hour for the
/// attempts and the queue.
const SCHEDULE_END: Duration = Duration::from_secs((30 + 120 + 600 + 3_600 + 21_600) * 11 / 10 + 900);

/// How long to wait after `attempts` attempts, or longer if the endpoint requests it; with jitter, so that deliveries that
/// failed together are not retried together. `None` after the sixth attempt.
pub fn wait_after(attempts: u32, requested: Option<Duration>) -> Option<Duration> {
    let wait = WAITS.get(usize::try_from(attempts).ok()?.checked_sub(1)?)?;
    Some(with_jitter(requested.map_or(*wait, |requested| requested.clamp(*wait, MAX_WAIT)), JITTER))
}

/// Whether the schedule of a delivery has ended whose first attempt was due at `first`.
pub fn has_ended(first: Timestamp, now: Timestamp) -> bool {
    first.plus(SCHEDULE_END) <= now
}

/// The largest share of a wait that is added at random.
pub const JITTER: f64 = 0.1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_attempts_are_made_at_the_contract_s_times() {
        for (attempts, wait) in WAITS.iter().enumerate() {
            let attempts = u32::try_from(attempts).expect("a few") + 1;
            let chosen = wait_after(attempts, None).expect("not the last");
            assert!(*wait <= chosen && chosen <= wait.mul_f64(1.1), "{chosen:?} after {attempts}");
        }
        assert_eq!(wait_after(6, None), None);
        let all: Duration = WAITS.iter().map(|wait| wait.mul_f64(1.1)).sum();
        assert!(all < SCHEDULE_END && SCHEDULE_END < all + MAX_WAIT);
    }

    #[test]
    fn an_endpoint_may_request_a_longer_wait_but_no_shorter_or_endless_one() {
        let wait = |seconds| wait_after(1, Some(Duration::from_secs(seconds))).expect("not the last").as_secs();
        assert!((30..=33).contains(&wait(1)));
        assert!((300..=330).contains(&wait(300)));
        assert!((21_600..=23_760).contains(&wait(1_000_000)));
        assert_eq!(wait_after(6, Some(Duration::from_secs(1))), None);
    }
}
