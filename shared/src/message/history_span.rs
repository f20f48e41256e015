//! The part of a history that a request looks for: a page, or a period.

use crate::clock::Timestamp;
use crate::ids::MessageId;
use crate::message::record_keys::key_of_time;

/// Characters of a key's time.
const TIME: usize = 13;

/// A message in a history.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Entry {
    /// What sorts it, and is its cursor ([`history_key`](crate::message::record_keys::history_key)).
    pub key: String,
    /// The message.
    pub id: MessageId,
}

/// Which page of a history. Pages stay stable while new messages arrive, since a cursor is the key of a message in the index,
/// or the beginning of one, and not an offset.
#[derive(Clone, Copy, Debug)]
pub enum Page<'a> {
    /// The newest messages, newest first.
    Newest,
    /// The newest messages whose keys are smaller, newest first.
    Before(&'a str),
    /// The oldest messages whose keys are greater, oldest first.
    After(&'a str),
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
    /// That of a page.
    pub fn of(page: Page<'_>) -> Self {
        // A key is thirteen digits, a `#` and an id: `!` sorts before `#`, and `~` after all of them.
        let (first, last) = ("0".to_owned(), "~".to_owned());
        match page {
            Page::Newest => Self { from: first, to: last, is_ascending: false },
            Page::Before(key) => Self { from: first, to: just_before(key), is_ascending: false },
            Page::After(key) => Self { from: format!("{key}!"), to: last, is_ascending: true },
        }
    }

    /// Between two times, both included, after the cursor `after`.
    pub fn between((since, until): (Timestamp, Timestamp), after: Option<&str>) -> Self {
        let from = after.map_or_else(|| key_of_time(since), |cursor| format!("{cursor}!"));
        Self { from, to: format!("{}$", key_of_time(until)), is_ascending: true }
    }

    /// The beginnings of its keys: their times.
    pub fn times(&self) -> (&str, &str) {
        let time = |key: &'_ str| key.len().min(TIME);
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

    /// The first of these entries in its direction.
    pub fn first(&self, mut entries: Vec<Entry>, limit: usize) -> Vec<Entry> {
        entries.sort_unstable();
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
    fn a_page_begins_behind_its_cursor_which_is_a_key_or_a_time() {
        assert_eq!(keys_in(&Span::of(Page::Newest)), KEYS);
        assert_eq!(keys_in(&Span::of(Page::Before(KEYS[2]))), KEYS[..2]);
        assert_eq!(keys_in(&Span::of(Page::After(KEYS[1]))), KEYS[2..]);
        assert_eq!(keys_in(&Span::of(Page::Before("1772109000001"))), KEYS[..1]);
        assert_eq!(keys_in(&Span::of(Page::After("1772109000001"))), KEYS[1..]);
    }

    #[test]
    fn a_period_has_both_of_its_ends() {
        let at = |last: i64| Timestamp::from_millis(1_772_109_000_000 + last);
        assert_eq!(keys_in(&Span::between((at(0), at(1)), None)), KEYS[..3]);
        assert_eq!(keys_in(&Span::between((at(1), at(2)), Some(KEYS[1]))), KEYS[2..]);
        assert!(Span::between((at(0), at(1)), Some(KEYS[3])).is_empty());
        let span = Span::between((at(1), at(2)), Some(KEYS[1]));
        assert_eq!(span.times(), ("1772109000001", "1772109000002"));
    }
}
