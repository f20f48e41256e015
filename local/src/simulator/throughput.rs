//! Meta's throughput limit: how many messages a number sends in a second.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::magic_ids::{APP_SHARED_NUMBER, HIGH_THROUGHPUT_NUMBER};
use crate::clock::Clock;
use shared::mutex::lock;

/// The most messages of a number in any second.
const STANDARD: usize = 80;
/// The same for a number that Meta has upgraded.
const HIGH: usize = 1_000;
/// The same for a number that is in use in WhatsApp's app as well.
const APP_SHARED: usize = 20;
/// The length of the sliding window, in milliseconds.
const WINDOW: i64 = 1_000;

/// The times of each number's latest messages.
#[derive(Debug, Default)]
pub struct ThroughputLimiter {
    admitted: Mutex<HashMap<String, VecDeque<i64>>>,
    is_lifted: AtomicBool,
}

impl ThroughputLimiter {
    /// Lifts every number's limit. It counts real time, and a busy machine sends late what was to leave second by second.
    pub fn lift(&self) {
        self.is_lifted.store(true, Ordering::Relaxed);
    }

    /// Admits a message of a number and returns the time; none when the number has reached its limit.
    pub fn admit(&self, number: &str, clock: &Clock) -> Option<i64> {
        let mut numbers = lock(&self.admitted);
        let admitted = numbers.entry(number.to_owned()).or_default();
        let now = clock.now();
        while admitted.front().is_some_and(|at| now - at >= WINDOW) {
            admitted.pop_front();
        }
        let limit = match number {
            HIGH_THROUGHPUT_NUMBER => HIGH,
            APP_SHARED_NUMBER => APP_SHARED,
            _ => STANDARD,
        };
        (admitted.len() < limit || self.is_lifted.load(Ordering::Relaxed))
            .then(|| admitted.push_back(now))
            .map(|()| now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_limit_applies_to_every_sliding_second() {
        let (throughput, clock) = (ThroughputLimiter::default(), Clock::new());
        let admitted = || (0..80).filter(|_| throughput.admit("1065", &clock).is_some()).count();
        for _ in 0..40 {
            assert!(throughput.admit("1065", &clock).is_some());
        }
        for (milliseconds, expected) in [(600, 40), (0, 0), (400, 40), (200, 0), (400, 40)] {
            clock.advance(Duration::from_millis(milliseconds)).expect("a clock without a file");
            assert_eq!(admitted(), expected, "{milliseconds}");
        }
    }
}
