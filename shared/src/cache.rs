//! A small cache with time to live, so that keys and instances are not read for each message.
//!
//! It follows `clock::now`, as a library's own clock would not when a test advances the time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use crate::clock::{self, Timestamp};
use crate::mutex::lock;

/// The most entries. A flood of unknown keys must not fill the memory: when the cache is full, it is cleared.
const CAPACITY: usize = 10_000;

/// A cache of values, each with its own time to live.
#[derive(Debug)]
pub struct Cache<K, V> {
    entries: Mutex<HashMap<K, (Timestamp, V)>>,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    /// The value of `key`, unless it has expired.
    pub fn get(&self, key: &K) -> Option<V> {
        let entries = self.lock();
        let (until, value) = entries.get(key)?;
        (clock::now() < *until).then(|| value.clone())
    }

    /// Keeps `value` under `key` for `time_to_live`.
    pub fn put(&self, key: K, value: V, time_to_live: Duration) {
        let mut entries = self.lock();
        if entries.len() >= CAPACITY {
            entries.clear();
        }
        entries.insert(key, (clock::now().plus(time_to_live), value));
    }

    /// Removes the value of `key`.
    pub fn remove(&self, key: &K) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, (Timestamp, V)>> {
        lock(&self.entries)
    }
}

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self { entries: Mutex::new(HashMap::new()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_expires_after_its_time_to_live() {
        let cache = Cache::default();
        cache.put("held", 1, Duration::from_secs(60));
        cache.put("past", 2, Duration::ZERO);
        assert_eq!(cache.get(&"held"), Some(1));
        assert_eq!(cache.get(&"past"), None);
        cache.remove(&"held");
        assert_eq!(cache.get(&"held"), None);
    }

    #[test]
    fn a_flood_of_keys_does_not_grow_it_without_bound() {
        let cache = Cache::default();
        for key in 0..3 * CAPACITY {
            cache.put(key, (), Duration::from_secs(60));
        }
        assert!(cache.lock().len() <= CAPACITY);
    }
}
