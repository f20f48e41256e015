//! Waits that may repeat without an end that is known: for a table, a queue, another message, or a paused instance.

use std::time::Duration;

/// The shortest of these waits after a message was received this many times: the square in milliseconds.
///
/// The queue gives a message up after 1,000 receives, while it may wait for a day. This way a day takes 640 of them, and a
/// message that has waited for an hour goes on within a minute.
pub const fn least_wait(receives: u64) -> Duration {
    Duration::from_millis(receives.saturating_mul(receives))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_waiting_takes_fewer_receives_than_a_queue_allows() {
        let after = |receives| (1..=receives).map(least_wait).sum::<Duration>();
        assert!(least_wait(30) < Duration::from_secs(1), "ordinary waits are not longer");
        assert!(after(230) > Duration::from_secs(3600) && least_wait(230) < Duration::from_secs(60));
        assert!(after(650) > Duration::from_secs(24 * 3600));
    }
}
