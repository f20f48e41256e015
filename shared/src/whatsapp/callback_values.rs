//! The values of a callback, `entry[].changes[].value`, and the numbers that they are about.

use serde_json::value::RawValue;

use crate::whatsapp::provider_ids::is_graph_id;
use crate::whatsapp::raw_json::{field, for_each, parse};

/// Numbers of one callback: Meta allows a business 20 at most.
const MAX_NUMBERS: usize = 20;

/// The numbers that a callback is about, in its order and without repeats, at most 20. Nothing else of it is read: its
/// signature is not verified yet.
pub fn number_ids(body: &[u8]) -> Vec<String> {
    let mut ids = Vec::new();
    let text = String::from_utf8_lossy(body);
    if let Ok(whole) = serde_json::from_str(&text) {
        for_each_value(whole, &mut |value| {
            if ids.len() < MAX_NUMBERS
                && let Some(id) = number_id(value).filter(|id| !ids.contains(id))
            {
                ids.push(id);
            }
        });
    }
    ids
}

/// Visits each `entry[].changes[].value`.
pub(super) fn for_each_value<'a>(whole: &'a RawValue, visit: &mut dyn FnMut(&'a RawValue)) {
    let Some(entries) = field(whole, "entry") else { return };
    for_each(entries, &mut |entry| {
        let Some(changes) = field(entry, "changes") else { return };
        for_each(changes, &mut |change| {
            if let Some(value) = field(change, "value") {
                visit(value);
            }
        });
    });
}

/// The number that a value is about.
pub(super) fn number_id(value: &RawValue) -> Option<String> {
    let id = field(field(value, "metadata")?, "phone_number_id").and_then(parse::<String>);
    id.filter(|id| is_graph_id(id))
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
