//! The changes of a callback, `entry[].changes[]`, and the numbers that they are about.

use serde_json::value::RawValue;

use crate::whatsapp::provider_ids::is_graph_id;
use crate::whatsapp::raw_json::{field, for_each, text};

/// Numbers of one callback: Meta allows a business 20 at most.
const MAX_NUMBERS: usize = 20;

/// The numbers that a callback is about, in its order and without repeats, at most 20. Nothing else of it is read: its
/// signature is not verified yet.
pub fn number_ids(body: &[u8]) -> Vec<String> {
    let mut ids = Vec::new();
    let text = String::from_utf8_lossy(body);
    if let Ok(whole) = serde_json::from_str(&text) {
        for_each_change(whole, &mut |change| {
            if ids.len() < MAX_NUMBERS
                && let Some(id) = change.number_id().filter(|id| !ids.contains(id))
            {
                ids.push(id);
            }
        });
    }
    ids
}

/// Visits each of `entry[].changes[]`.
pub(super) fn for_each_change<'a>(whole: &'a RawValue, visit: &mut dyn FnMut(Change<'a>)) {
    let Some(entries) = field(whole, "entry") else { return };
    for_each(entries, &mut |entry| {
        if let Some(changes) = field(entry, "changes") {
            for_each(changes, &mut |json| visit(Change { entry, json }));
        }
    });
}

/// A change of a callback. Each access reads it from its beginning, so none is made for each of its updates.
#[derive(Clone, Copy)]
pub(super) struct Change<'a> {
    /// Its entry.
    pub entry: &'a RawValue,
    /// The change itself.
    pub json: &'a RawValue,
}

impl<'a> Change<'a> {
    /// A part of its `value`.
    pub fn value(self, name: &str) -> Option<&'a RawValue> {
        field(field(self.json, "value")?, name)
    }

    /// The number that it is about.
    pub fn number_id(self) -> Option<String> {
        let id = text(self.value("metadata")?, "phone_number_id");
        id.filter(|id| is_graph_id(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_a_callback_are_bounded_and_each_is_named_once() {
        let change = |id: &str| format!(r#"{{"value":{{"metadata":{{"phone_number_id":"{id}"}}}}}}"#);
        let ids = |changes: &[String]| {
            number_ids(format!(r#"{{"entry":[5,{{"changes":[{}]}}]}}"#, changes.join(",")).as_bytes())
        };
        assert_eq!(ids(&["2", "1", &"1".repeat(3_000), "x", "", "2"].map(change)), ["2", "1"]);
        assert_eq!(ids(&[r#"{"value":"\ud83d"}"#.to_owned(), change("3")]), ["3"]);
        let many: Vec<_> = (0..1_000).map(|id| change(&id.to_string())).collect();
        assert_eq!(ids(&many).len(), MAX_NUMBERS);
        assert!(number_ids(b"").is_empty() && number_ids(b"[").is_empty());
    }
}
