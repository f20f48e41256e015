//! A map whose entries expire when SQS forgets a deduplication id.

use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use super::limits::DEDUPLICATION_INTERVAL;

/// The map. Times are milliseconds since the epoch.
#[derive(Debug, Default)]
pub struct ExpiringMap<K, V> {
    entries: HashMap<K, V>,
    /// When each key expires, soonest first.
    expirations: VecDeque<(i64, K)>,
}

impl<K: Clone + Eq + Hash, V> ExpiringMap<K, V> {
    /// The value of a key that has not expired at `now`.
    pub fn get<Q: Eq + Hash + ?Sized>(&mut self, now: i64, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        while let Some((_, key)) = self.expirations.pop_front_if(|(expires_at, _)| *expires_at <= now) {
            self.entries.remove(key.borrow());
        }
        self.entries.get(key)
    }

    /// Inserts a value at `now`.
    pub fn insert(&mut self, now: i64, key: K, value: V) {
        self.expirations.push_back((now + DEDUPLICATION_INTERVAL, key.clone()));
        self.entries.insert(key, value);
    }
}
