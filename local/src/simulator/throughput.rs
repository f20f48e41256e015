//! What a number may send in a second, as Meta holds it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use super::graph::is_upgraded;
use crate::clock::Clock;

/// Messages that a number takes in any second.
const STANDARD: usize = 80;
/// The same once Meta has upgraded it.
const HIGH: usize = 1_000;
/// The window that slides, in milliseconds.
const SECOND: i64 = 1_000;

/// When each number took its last messages.
#[derive(Debug, Default)]
pub struct Throughput(Mutex<HashMap<String, VecDeque<i64>>>);

impl Throughput {
    /// The time at which a number takes one more message; nothing when it has taken too many.
    pub fn admit(&self, number: &str, clock: &Clock) -> Option<i64> {
        let mut numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = numbers.entry(number.to_owned()).or_default();
        let now = clock.now();
        while taken.front().is_some_and(|at| now - at >= SECOND) {
            taken.pop_front();
        }
        let most = if is_upgraded(number) { HIGH } else { STANDARD };
        (taken.len() < most).then(|| taken.push_back(now)).map(|()| now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_second_slides() {
        let (throughput, clock) = (Throughput::default(), Clock::new());
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
