//! What it costs to process a callback, by the number that it is about: counted before any of its updates is read, and without
//! memory for them.

use std::collections::BTreeMap;

use crate::whatsapp::callback_change::{CALLS, Change, LISTS, MAX_UPDATES, PREFERENCES, Part, for_each_part};
use crate::whatsapp::raw_json::for_each;

/// What a callback costs whoever processes it.
#[derive(Debug, Default)]
pub struct CallbackWeight {
    /// How many updates it has, also about numbers that are not counted.
    updates: usize,
    /// How many updates are about each number that is counted.
    by_number: BTreeMap<String, usize>,
    /// How many updates name no number.
    unnamed: usize,
}

impl CallbackWeight {
    /// Weighs a callback, by those of its numbers for which `is_counted` holds: each element of a list is an update, of whatever form, and so
    /// is each part without one. What is about other numbers counts for none.
    pub fn read(body: &[u8], is_counted: impl Fn(&str) -> bool) -> Self {
        let mut weight = Self::default();
        let text = String::from_utf8_lossy(body);
        if let Ok(whole) = serde_json::from_str(&text) {
            for_each_part(whole, &mut |part| match part {
                Part::Change(change) => weight.add(change.number_id(), updates_of(change), &is_counted),
                Part::Entry(_) => weight.add(None, 1, &is_counted),
            });
        }
        weight
    }

    /// Whether it has more updates than WhatsApp sends at once.
    pub const fn is_too_full(&self) -> bool {
        self.updates > MAX_UPDATES
    }

    /// The numbers that are counted.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        self.by_number.keys().map(String::as_str)
    }

    /// How much is about each number, and names none: at least one in all.
    pub fn units(&self) -> impl Iterator<Item = (Option<&str>, i64)> {
        let unnamed = self.unnamed.max(usize::from(self.by_number.is_empty()));
        let unnamed = (unnamed > 0).then_some((None, units(unnamed)));
        self.by_number.iter().map(|(number, updates)| (Some(number.as_str()), units(*updates))).chain(unnamed)
    }

    fn add(&mut self, number: Option<String>, updates: usize, is_counted: &impl Fn(&str) -> bool) {
        self.updates += updates;
        match number {
            None => self.unnamed += updates,
            Some(number) if is_counted(&number) => *self.by_number.entry(number).or_default() += updates,
            Some(_) => {}
        }
    }
}

fn units(updates: usize) -> i64 {
    i64::try_from(updates).unwrap_or(i64::MAX)
}

fn updates_of(change: Change<'_>) -> usize {
    let mut updates = 0;
    for list in LISTS.into_iter().chain([PREFERENCES, CALLS]).filter_map(|name| change.value(name)) {
        for_each(list, &mut |_| updates += 1);
    }
    updates.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(number: &str, list: &str, updates: usize) -> String {
        let updates = vec![r#"{"id":"x"}"#; updates].join(",");
        format!(r#"{{"field":"{list}","value":{{"metadata":{{"phone_number_id":"{number}"}},"{list}":[{updates}]}}}}"#)
    }

    fn weigh(changes: &[String]) -> CallbackWeight {
        let body = format!(r#"{{"entry":[{{"id":"9001","changes":[{}]}}]}}"#, changes.join(","));
        CallbackWeight::read(body.as_bytes(), |number| ["1", "2"].contains(&number))
    }

    #[test]
    fn each_update_counts_for_the_number_that_it_names() {
        let account = r#"{"field":"account_update","value":{"event":"DISABLED_UPDATE"}}"#.to_owned();
        let changes =
            [of("2", "statuses", 3), of("1", "calls", 2), of("3", "statuses", 50), of("2", "odd", 9), account];
        let weight = weigh(&changes);
        assert_eq!(weight.units().collect::<Vec<_>>(), [(Some("1"), 2), (Some("2"), 4), (None, 1)]);
        assert!(!weight.is_too_full() && weigh(&[of("3", "statuses", 951), of("1", "messages", 50)]).is_too_full());
    }

    #[test]
    fn a_callback_without_a_counted_number_counts_once() {
        for changes in [vec![], vec![of("3", "statuses", 5)]] {
            assert_eq!(weigh(&changes).units().collect::<Vec<_>>(), [(None, 1)], "{changes:?}");
        }
        assert_eq!(CallbackWeight::read(b"[", |_| true).units().collect::<Vec<_>>(), [(None, 1)]);
    }
}
