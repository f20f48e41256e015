//! When a webhook that did not take an event is tried again.

use std::time::Duration;

use shared::clock::Timestamp;
use shared::ids;

/// How long after one attempt the next comes (contract: at once, then these).
const WAITS: [Duration; 5] = [
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(6 * 60 * 60),
];
/// The longest that an endpoint's `Retry-After` is followed.
const LONGEST: Duration = WAITS[4];
/// When a schedule ends, however few attempts its endpoint allowed: all waits with their jitter, and a quarter of an hour
/// for the attempts and the queue.
const END: Duration = Duration::from_secs((30 + 120 + 600 + 3_600 + 21_600) * 11 / 10 + 900);

/// How long to wait after `attempts` attempts, or longer if the endpoint asks for it; with up to a tenth more, so that
/// what failed together does not come back together. Nothing when all six have been made.
pub fn wait_after(attempts: u32, asked: Option<Duration>) -> Option<Duration> {
    let wait = WAITS.get(usize::try_from(attempts).ok()?.checked_sub(1)?)?;
    Some(with_jitter(asked.map_or(*wait, |asked| asked.clamp(*wait, LONGEST))))
}

/// Whether the schedule of an event has ended that was first to be told at `first`.
pub fn has_ended(first: Timestamp, now: Timestamp) -> bool {
    first.plus(END) <= now
}

/// Up to a tenth more.
pub fn with_jitter(wait: Duration) -> Duration {
    let share = f64::from(u32::from_le_bytes(ids::random())) / f64::from(u32::MAX);
    wait.mul_f64(1.0 + share / 10.0)
}

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
        assert!(all < END && END < all + LONGEST);
    }

    #[test]
    fn an_endpoint_may_ask_for_more_time_but_not_for_less_or_for_ever() {
        let wait = |asked| wait_after(1, Some(Duration::from_secs(asked))).expect("not the last").as_secs();
        assert!((30..=33).contains(&wait(1)));
        assert!((300..=330).contains(&wait(300)));
        assert!((21_600..=23_760).contains(&wait(1_000_000)));
        assert_eq!(wait_after(6, Some(Duration::from_secs(1))), None);
    }
}
