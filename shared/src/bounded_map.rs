//! A map of what a process remembers of keys, instances or accounts, and may forget at any time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;

use crate::mutex::lock;

/// The most entries. What tenants or strangers can grow must not fill the memory: a map that is full is cleared.
const CAPACITY: usize = 10_000;

/// A map of at most 10,000 entries.
#[derive(Debug)]
pub struct BoundedMap<K, V>(Mutex<HashMap<K, V>>);

impl<K: Clone + Eq + Hash, V> BoundedMap<K, V> {
    /// Remembers a value.
    pub fn insert(&self, key: K, value: V) {
        let mut entries = lock(&self.0);
        make_room(&mut entries, &key);
        entries.insert(key, value);
    }

    /// Forgets a value, and returns it.
    pub fn remove(&self, key: &K) -> Option<V> {
        lock(&self.0).remove(key)
    }

    /// A copy of a value.
    pub fn get(&self, key: &K) -> Option<V>
    where
        V: Clone,
    {
        lock(&self.0).get(key).cloned()
    }

    /// Reads or changes a value, which begins as its type's default.
    pub fn with<T>(&self, key: &K, work: impl FnOnce(&mut V) -> T) -> T
    where
        V: Default,
    {
        let mut entries = lock(&self.0);
        make_room(&mut entries, key);
        work(entries.entry(key.clone()).or_default())
    }
}

fn make_room<K: Eq + Hash, V>(entries: &mut HashMap<K, V>, key: &K) {
    if entries.len() >= CAPACITY && !entries.contains_key(key) {
        entries.clear();
    }
}

impl<K, V> Default for BoundedMap<K, V> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_map_forgets_all_but_what_it_is_asked_to_remember() {
        let map = BoundedMap::<usize, usize>::default();
        (0..CAPACITY).for_each(|key| map.insert(key, key));
        map.with(&7, |value| *value += 1);
        assert_eq!((map.get(&7), map.get(&8)), (Some(8), Some(8)), "full, and not over");
        map.insert(CAPACITY, 1);
        assert_eq!((map.get(&7), map.get(&CAPACITY)), (None, Some(1)));
        assert_eq!((map.remove(&CAPACITY), map.get(&CAPACITY)), (Some(1), None));
    }
}
