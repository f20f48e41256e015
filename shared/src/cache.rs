//! A small cache by age, so that a key or an instance is not read anew for each message.
//!
//! It follows `clock::now`, which a library's own clock would not do when a test moves time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::{self, Timestamp};

/// The most entries that are held. A flood of unknown keys must not fill the memory: when full, all are let go.
const CAPACITY: usize = 10_000;

/// Values that may be as old as each one's own limit.
#[derive(Debug)]
pub struct Cache<K, V> {
    entries: Mutex<HashMap<K, (Timestamp, V)>>,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    /// An empty cache.
    pub fn new() -> Self {
        Self { entries: Mutex::new(HashMap::new()) }
    }

    /// The value under `key`, unless it is too old.
    pub fn get(&self, key: &K) -> Option<V> {
        let entries = self.lock();
        let (until, value) = entries.get(key)?;
        (clock::now() < *until).then(|| value.clone())
    }

    /// Holds `value` under `key` for `age`.
    pub fn put(&self, key: K, value: V, age: Duration) {
        let mut entries = self.lock();
        if entries.len() >= CAPACITY {
            entries.clear();
        }
        entries.insert(key, (clock::now().plus(age), value));
    }

    /// Forgets what is held under `key`.
    pub fn remove(&self, key: &K) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, (Timestamp, V)>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, V: Clone> Default for Cache<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_held_for_its_age_and_no_longer() {
        let cache = Cache::new();
        cache.put("held", 1, Duration::from_secs(60));
        cache.put("past", 2, Duration::ZERO);
        assert_eq!(cache.get(&"held"), Some(1));
        assert_eq!(cache.get(&"past"), None);
        cache.remove(&"held");
        assert_eq!(cache.get(&"held"), None);
    }

    #[test]
    fn a_flood_of_keys_does_not_grow_it_without_end() {
        let cache = Cache::new();
        for key in 0..3 * CAPACITY {
            cache.put(key, (), Duration::from_secs(60));
        }
        assert!(cache.lock().len() <= CAPACITY);
    }
}
