//! The keys for one purpose. All of them verify and decrypt; one of them signs and encrypts.

use crate::clock::{self, Timestamp};

/// Keys by the ids that ciphertexts and tags name them by, newest first.
pub struct KeyRing<K> {
    keys: Vec<(String, K)>,
    /// From when the newest key signs and encrypts: by then every process can verify and decrypt with it.
    newest_from: Timestamp,
    /// How many of the keys are the ring's own; the others only verify and decrypt.
    own: usize,
}

impl<K> KeyRing<K> {
    /// A ring of at least one key, whose first signs and encrypts from then on. Until then the second does, if there is one.
    pub fn new(keys: Vec<(String, K)>, newest_from: Timestamp) -> Self {
        Self { own: keys.len(), keys, newest_from }
    }

    /// The key that signs and encrypts now.
    pub fn signing(&self) -> &(String, K) {
        let is_distributed = self.own < 2 || clock::now() >= self.newest_from;
        &self.keys[usize::from(!is_distributed)]
    }

    /// The key with an id.
    pub fn get(&self, id: &str) -> Option<&K> {
        self.keys.iter().find(|(key_id, _)| key_id == id).map(|(_, key)| key)
    }

    /// All keys.
    pub fn all(&self) -> impl Iterator<Item = &K> {
        self.keys.iter().map(|(_, key)| key)
    }

    /// Adds the keys of another ring, which only verify and decrypt.
    pub fn add_earlier(&mut self, earlier: Self) {
        self.keys.extend(earlier.keys);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_new_key_signs_when_every_process_can_verify_with_it() {
        let key = |id: &str| (id.to_owned(), ());
        let minute = Duration::from_secs(60);
        let (past, future) = (clock::now().minus(minute), clock::now().plus(minute));
        for (ids, from, signs) in
            [(vec!["new", "old"], future, "old"), (vec!["new", "old"], past, "new"), (vec!["new"], future, "new")]
        {
            let mut ring = KeyRing::new(ids.into_iter().map(key).collect(), from);
            ring.add_earlier(KeyRing::new(vec![key("earlier")], past));
            assert_eq!(ring.signing().0, signs);
            assert!(ring.get("new").is_some() && ring.get("earlier").is_some() && ring.get("other").is_none());
        }
    }
}
