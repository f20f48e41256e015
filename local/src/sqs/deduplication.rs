//! The deduplication of a FIFO queue: for five minutes a message's deduplication id answers for it, delivered,
//! deleted or not.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// How long a deduplication id is remembered, in milliseconds.
const INTERVAL: i64 = 5 * 60 * 1000;

/// What makes two messages duplicates: the id, and the group where the scope is the group.
pub type Key = (Option<Arc<str>>, String);

/// What the first message was answered with, which its duplicates are answered with too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct First {
    /// Its MessageId.
    pub message_id: String,
    /// Its SequenceNumber.
    pub sequence_number: Option<String>,
}

/// The deduplication ids that a queue remembers.
#[derive(Debug, Default)]
pub struct Deduplication {
    firsts: HashMap<Key, First>,
    /// When to forget each, soonest first.
    ends: VecDeque<(i64, Key)>,
}

impl Deduplication {
    /// The message that was sent with this key within the interval.
    pub fn find(&mut self, now: i64, key: &Key) -> Option<&First> {
        while let Some((_, key)) = self.ends.pop_front_if(|(end, _)| *end <= now) {
            self.firsts.remove(&key);
        }
        self.firsts.get(key)
    }

    /// Remembers a message that was sent at `now`.
    pub fn remember(&mut self, now: i64, key: Key, first: First) {
        self.ends.push_back((now + INTERVAL, key.clone()));
        self.firsts.insert(key, first);
    }
}
