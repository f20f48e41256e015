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
