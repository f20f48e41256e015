//! The part of a history that a request looks for: a page, or a period.

use crate::clock::Timestamp;
use crate::ids::MessageId;
use crate::message::record_keys::key_of_time;

/// Characters of a key's time.
const TIME_DIGITS: usize = 13;

/// A message in a history.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Entry {
    /// What sorts it, and is its cursor ([`history_key`](crate::message::record_keys::history_key)).
    pub key: String,
    /// The message.
    pub id: MessageId,
}

/// The entries between two keys, the keys included, in one direction.
#[derive(Debug)]
pub struct Span {
    /// The smallest key.
    pub from: String,
    /// The greatest key.
    pub to: String,
    /// Whether the oldest come first.
    pub is_ascending: bool,
}

impl Span {
    /// All of a history, the newest first.
    pub fn newest_first() -> Self {
        Self { from: "0".to_owned(), to: "~".to_owned(), is_ascending: false }
    }

    /// All of a history, the oldest first.
    pub fn oldest_first() -> Self {
        Self { is_ascending: true, ..Self::newest_first() }
    }

    /// What of it lies behind a cursor in its direction.
    #[must_use]
    pub fn behind(mut self, cursor: &str) -> Self {
        // A key is thirteen digits, a `#` and an id: `!` sorts before `#`, and `~` after all of them.
        if self.is_ascending {
            self.from = self.from.max(format!("{cursor}!"));
        } else {
            self.to = self.to.min(just_before(cursor));
        }
        self
    }

    /// What of it lies between two times, both included.
    #[must_use]
    pub fn within(mut self, since: Option<Timestamp>, until: Option<Timestamp>) -> Self {
        if let Some(since) = since {
            self.from = self.from.max(key_of_time(since));
        }
        if let Some(until) = until {
            self.to = self.to.min(format!("{}$", key_of_time(until)));
        }
        self
    }

    /// The beginnings of its keys: their times.
    pub fn times(&self) -> (&str, &str) {
        let time = |key: &'_ str| key.len().min(TIME_DIGITS);
        (&self.from[..time(&self.from)], &self.to[..time(&self.to)])
    }

    /// Whether there is no such key.
    pub fn is_empty(&self) -> bool {
        self.from > self.to
    }

    /// Whether a key lies in it.
    pub fn contains(&self, key: &str) -> bool {
        self.from.as_str() <= key && key <= self.to.as_str()
    }

    /// The first of these entries in its direction, each once.
    pub fn first(&self, mut entries: Vec<Entry>, limit: usize) -> Vec<Entry> {
        entries.sort_unstable();
        entries.dedup();
        if !self.is_ascending {
            entries.reverse();
        }
        entries.truncate(limit);
        entries
    }
}

/// The ids of at most `limit` entries, and the cursor of those that follow, if there are more.
pub fn ids_of(mut entries: Vec<Entry>, limit: usize) -> (Vec<MessageId>, Option<String>) {
    let has_more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| has_more).map(|last| last.key.clone());
    (entries.into_iter().map(|entry| entry.id).collect(), next)
}

/// The greatest text that sorts before all that begin with `key`, and after all keys that sort before it.
fn just_before(key: &str) -> String {
    let mut before = key.to_owned();
    if let Some(last) = before.pop() {
        before.push(char::from_u32(u32::from(last) - 1).unwrap_or_default());
    }
    before + "~"
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 4] =
        ["1772109000000#msg_9", "1772109000001#msg_0", "1772109000001#msg_a", "1772109000002#msg_0"];

    fn keys_in(span: &Span) -> Vec<&'static str> {
        KEYS.into_iter().filter(|key| span.contains(key)).collect()
    }

    #[test]
    fn a_page_begins_behind_its_cursor() {
        let (newest, oldest) = (Span::newest_first, Span::oldest_first);
        assert_eq!(keys_in(&newest()), KEYS);
        assert_eq!(keys_in(&newest().behind(KEYS[2])), KEYS[..2]);
        assert_eq!(keys_in(&oldest().behind(KEYS[1])), KEYS[2..]);
        assert_eq!(keys_in(&oldest().behind(KEYS[1]).behind(KEYS[0])), KEYS[2..]);
        assert_eq!(keys_in(&newest().behind("1772109000001")), KEYS[..1], "the beginning of a key");
    }

    #[test]
    fn a_period_has_both_of_its_ends() {
        let at = |last: i64| Some(Timestamp::from_millis(1_772_109_000_000 + last));
        assert_eq!(keys_in(&Span::oldest_first().within(at(0), at(1))), KEYS[..3]);
        assert_eq!(keys_in(&Span::newest_first().within(at(1), None)), KEYS[1..]);
        let span = Span::oldest_first().within(at(1), at(2)).behind(KEYS[1]);
        assert_eq!(keys_in(&span), KEYS[2..]);
        assert_eq!(span.times(), ("1772109000001", "1772109000002"));
        assert!(Span::oldest_first().within(at(0), at(1)).behind(KEYS[3]).is_empty());
        assert!(Span::newest_first().within(at(2), None).behind(KEYS[1]).is_empty());
    }
}
