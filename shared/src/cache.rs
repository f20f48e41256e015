//! A small cache with time to live, so that keys and instances are not read for each message.
//!
//! It follows `clock::now`, as a library's own clock would not when a test advances the time.

use std::hash::Hash;
use std::time::Duration;

use crate::bounded_map::BoundedMap;
use crate::clock::{self, Timestamp};

/// A cache of values, each with its own time to live.
#[derive(Debug)]
pub struct Cache<K, V>(BoundedMap<K, (Timestamp, V)>);

impl<K: Clone + Eq + Hash, V: Clone> Cache<K, V> {
    /// The value of `key`, unless it has expired.
    pub fn get(&self, key: &K) -> Option<V> {
        self.0.get(key).filter(|(until, _)| clock::now() < *until).map(|(_, value)| value)
    }

    /// Keeps `value` under `key` for `time_to_live`.
    pub fn put(&self, key: K, value: V, time_to_live: Duration) {
        self.0.insert(key, (clock::now().plus(time_to_live), value));
    }

    /// Removes the value of `key`.
    pub fn remove(&self, key: &K) {
        self.0.remove(key);
    }
}

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self(BoundedMap::default())
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
}
