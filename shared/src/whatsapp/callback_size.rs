//! What it costs to process a callback, by the number that it is about: counted before any of its updates is read, and without
//! memory for them.

use std::collections::{BTreeMap, BTreeSet};

use crate::whatsapp::callback_change::{
    CALLS, Change, LISTS, MAX_UPDATES_PER_CALLBACK, PREFERENCES, Part, USER_IDS, for_each_part,
};
use crate::whatsapp::raw_json::for_each;
use crate::whatsapp::update_frame::NO_REPORTS;

/// Bytes that count as much as an update: more than WhatsApp's have.
const BYTES_PER_UNIT: usize = 4 * 1024;

/// Other numbers that a callback may name without any being counted. WhatsApp's name few; for each, the owner was looked for.
const OTHERS_UNCOUNTED: usize = 10;

/// What a callback costs whoever processes it.
#[derive(Debug, Default)]
pub struct CallbackWeight {
    /// How many updates it has, also about numbers that are not counted.
    updates: usize,
    /// What is about each number that is counted.
    by_number: BTreeMap<String, Load>,
    /// What names no number.
    unnamed: Load,
    /// The numbers that are not counted.
    others: BTreeSet<String>,
}

/// What has to be read.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    updates: usize,
    bytes: usize,
}

impl CallbackWeight {
    /// Weighs a callback, by those of its numbers for which `is_counted` holds: each element of a list is an update, of whatever form, and so
    /// is each part without one. What is about other numbers counts for none, beyond the first of these each number as what names none.
    pub fn read(body: &[u8], is_counted: impl Fn(&str) -> bool) -> Self {
        let (mut weight, mut bytes_of_changes) = (Self::default(), 0);
        let text = String::from_utf8_lossy(body);
        if let Ok(whole) = serde_json::from_str(&text) {
            for_each_part(whole, &mut |part| match part {
                Part::Change(change) => {
                    let bytes = change.json.get().len();
                    bytes_of_changes += bytes;
                    weight.add(change.number_id(), Load { updates: updates_of(&change), bytes }, &is_counted);
                }
                Part::Entry(_) | Part::BesideChanges(..) | Part::BesideEntries(..) => {
                    weight.add(None, Load { updates: 1, bytes: 0 }, &is_counted)
                }
            });
        }
        weight.unnamed.bytes += text.len().saturating_sub(bytes_of_changes);
        weight
    }

    /// Whether it has more updates than WhatsApp sends at once.
    pub const fn is_too_full(&self) -> bool {
        self.updates > MAX_UPDATES_PER_CALLBACK
    }

    /// Whether all of its updates are about numbers that are not counted.
    pub fn is_about_others_alone(&self) -> bool {
        self.by_number.is_empty() && self.unnamed.updates == 0 && !self.others.is_empty()
    }

    /// The counted numbers that it names.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        self.by_number.keys().map(String::as_str)
    }

    /// How much is about each number, and names none: as many units as there are updates, or four kilobytes if that is more, and at
    /// least one in all.
    pub fn units(&self) -> impl Iterator<Item = (Option<&str>, i64)> {
        let least = i64::from(self.by_number.is_empty());
        let others = i64::try_from(self.others.len().saturating_sub(OTHERS_UNCOUNTED)).unwrap_or(i64::MAX);
        let unnamed = Some(self.unnamed.units().saturating_add(others).max(least)).filter(|units| *units > 0);
        let named = self.by_number.iter().map(|(number, load)| (Some(number.as_str()), load.units()));
        named.chain(unnamed.map(|units| (None, units)))
    }

    fn add(&mut self, number: Option<String>, load: Load, is_counted: &impl Fn(&str) -> bool) {
        self.updates += load.updates;
        match number {
            None => self.unnamed.add(load),
            Some(number) if is_counted(&number) => self.by_number.entry(number).or_default().add(load),
            Some(number) => drop(self.others.insert(number)),
        }
    }
}

impl Load {
    const fn add(&mut self, other: Self) {
        self.updates += other.updates;
        self.bytes += other.bytes;
    }

    fn units(self) -> i64 {
        i64::try_from(self.updates.max(self.bytes / BYTES_PER_UNIT)).unwrap_or(i64::MAX)
    }
}

fn updates_of(change: &Change<'_>) -> usize {
    let mut updates = 0;
    for list in LISTS.into_iter().chain([PREFERENCES, USER_IDS, CALLS]).filter_map(|name| change.value(name)) {
        for_each(list, &mut |_| updates += 1);
    }
    // What is kept of it, each with what it has in common with the others.
    let known = [&LISTS[..], &NO_REPORTS, &[PREFERENCES, USER_IDS, CALLS, "field", "value"]].concat();
    let objects = [&change.members, &change.values].into_iter().flatten();
    updates += objects.map(|members| members.others(&known).count()).sum::<usize>();
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
        let beside = of("1", "statuses", 2).replacen("\"value\"", "\"one\":[1],\"two\":{\"a\":1},\"value\"", 1);
        assert_eq!(weigh(&[beside]).units().collect::<Vec<_>>(), [(Some("1"), 4)], "each is kept");
        assert!(!weight.is_too_full() && weigh(&[of("3", "statuses", 951), of("1", "messages", 50)]).is_too_full());
    }

    #[test]
    fn a_callback_without_a_counted_number_counts_once() {
        for changes in [vec![], vec![of("3", "statuses", 5)]] {
            assert_eq!(weigh(&changes).units().collect::<Vec<_>>(), [(None, 1)], "{changes:?}");
        }
        assert_eq!(CallbackWeight::read(b"[", |_| true).units().collect::<Vec<_>>(), [(None, 1)]);
    }

    #[test]
    fn many_other_numbers_count_as_what_names_none() {
        let others = |count: usize| {
            (100..100 + count).map(|number: usize| of(&number.to_string(), "statuses", 3)).collect::<Vec<_>>()
        };
        for (count, units) in [(1, 1), (10, 1), (12, 2), (300, 290)] {
            let weight = weigh(&others(count));
            assert_eq!(weight.units().collect::<Vec<_>>(), [(None, units)]);
            assert!(weight.is_about_others_alone());
        }
        assert!(!weigh(&[of("1", "statuses", 1), of("3", "statuses", 1)]).is_about_others_alone());
        assert!(
            !weigh(&[r#"{"field":"account_update","value":{}}"#.to_owned(), of("3", "statuses", 1)])
                .is_about_others_alone()
        );
        assert!(!weigh(&[]).is_about_others_alone());
    }

    #[test]
    fn bytes_count_for_the_number_whose_change_has_them() {
        let large = of("1", "messages", 2).replacen("\"x\"", &format!("\"{}\"", "x".repeat(40 * 1024)), 1);
        assert_eq!(
            weigh(&[large.clone(), of("2", "messages", 1)]).units().collect::<Vec<_>>(),
            [(Some("1"), 10), (Some("2"), 1)]
        );
        let elsewhere = large.replacen(r#""phone_number_id":"1""#, r#""phone_number_id":"3""#, 1);
        assert_eq!(weigh(&[elsewhere]).units().collect::<Vec<_>>(), [(None, 1)]);
        let body = format!(r#"{{"odd":"{}","entry":[{{"changes":[{}]}}]}}"#, "x".repeat(8 * 1024), of("1", "calls", 1));
        let around = CallbackWeight::read(body.as_bytes(), |_| true);
        assert_eq!(around.units().collect::<Vec<_>>(), [(Some("1"), 1), (None, 2)]);
        assert_eq!(CallbackWeight::read(&[b'['; 8 * 1024], |_| true).units().collect::<Vec<_>>(), [(None, 2)]);
    }
}
