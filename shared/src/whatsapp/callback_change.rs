//! The changes of a callback, `entry[].changes[]`, and the numbers that they are about.

use serde_json::value::RawValue;

use crate::clock::Timestamp;
use crate::provider_ids::is_graph_id;
use crate::whatsapp::json_members::Members;
use crate::whatsapp::raw_json::{for_each, id, id_of, is_array, parse, text, time_of};

/// Numbers, and business accounts, of a callback that is not verified: Meta allows a business 20 numbers at most.
pub(super) const MAX_IDS: usize = 20;
/// The most updates that WhatsApp sends at once (whatsapp-cloud-api, Callbacks).
pub(super) const MAX_UPDATES_PER_CALLBACK: usize = 1_000;
/// Bytes of an entry's id, and of its time; WhatsApp's have some 16. They are read for each of its changes.
const MAX_OF_ENTRY: usize = 64;
/// The lists of the value of a change of `messages`.
pub(super) const LISTS: [&str; 3] = [MESSAGES, "statuses", "errors"];
/// The list of the value of a change of this name.
pub(super) const PREFERENCES: &str = "user_preferences";
/// The name of a change of somebody's user id, and of the list of its value.
pub(super) const USER_IDS: &str = "user_id_update";
/// The name of a change of what a template consists of.
pub(super) const COMPONENTS: &str = "message_template_components_update";
/// The name of a change about messages, and of its first list.
pub(super) const MESSAGES: &str = "messages";
/// The list of calls of the value of a change of this name, beside which it has `statuses`.
pub(super) const CALLS: &str = "calls";

/// Whom a callback is about, in its order and without repeats.
#[derive(Debug, Default)]
pub struct CallbackIds {
    /// WhatsApp's ids of the numbers.
    pub numbers: Vec<String>,
    /// WhatsApp's ids of the business accounts.
    pub businesses: Vec<String>,
    /// Whether a change names no number: it is about its business account.
    pub has_changes_without_number: bool,
}

impl CallbackIds {
    /// Reads whom a callback is about, at most 20 of each kind. Nothing else of it is read: its signature is not verified yet.
    pub fn read(body: &[u8]) -> Self {
        Self::read_at_most(body, MAX_IDS)
    }

    /// Reads whom a callback is about whose signature was verified: an app may have more numbers than a business.
    pub fn read_verified(body: &[u8]) -> Self {
        Self::read_at_most(body, MAX_UPDATES_PER_CALLBACK)
    }

    fn read_at_most(body: &[u8], most: usize) -> Self {
        let mut ids = Self::default();
        let text = String::from_utf8_lossy(body);
        if let Ok(whole) = serde_json::from_str(&text) {
            for_each_part(whole, &mut |part| {
                let Part::Change(change) = part else { return };
                let number = change.number_id();
                ids.has_changes_without_number |= number.is_none();
                add_id(&mut ids.numbers, number, most);
                if ids.businesses.len() < most {
                    add_id(&mut ids.businesses, change.business_id(), most);
                }
            });
        }
        ids
    }

    /// Whether it may be about more than what was read.
    pub const fn is_full(&self) -> bool {
        self.numbers.len() == MAX_IDS || self.businesses.len() == MAX_IDS
    }
}

fn add_id(ids: &mut Vec<String>, id: Option<String>, most: usize) {
    if ids.len() < most
        && let Some(id) = id.filter(|id| !ids.contains(id))
    {
        ids.push(id);
    }
}

/// The numbers that a callback is about, at most 20.
pub fn number_ids(body: &[u8]) -> Vec<String> {
    CallbackIds::read(body).numbers
}

/// A part of a callback.
pub(super) enum Part<'a> {
    /// One of `entry[].changes[]`.
    Change(Change<'a>),
    /// One of `entry[]` without a list of changes, or that is no object of which each name stands once.
    Entry(&'a RawValue),
    /// What stands beside the changes of an entry under a name that is not known, as it is written.
    BesideChanges(EntryIds<'a>, &'a str, &'a RawValue),
    /// What stands beside the entries.
    BesideEntries(&'a str, &'a RawValue),
}

/// What the changes of an entry have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct EntryIds<'a> {
    /// Its id, unless it is longer than any of WhatsApp's.
    pub id: Option<&'a RawValue>,
    /// Its time, unless it is longer than any of WhatsApp's.
    pub time: Option<&'a RawValue>,
}

impl<'a> EntryIds<'a> {
    /// Those of an entry with these members.
    pub fn new(entry: &Members<'a>) -> Self {
        let short = |name: &str| {
            entry.get(name).filter(|part| part.get().len() <= MAX_OF_ENTRY && part.get() != RawValue::NULL.get())
        };
        Self { id: short("id"), time: short("time") }
    }
}

/// Visits each part of a callback. `false` if it is none.
pub(super) fn for_each_part<'a>(whole: &'a RawValue, visit: &mut dyn FnMut(Part<'a>)) -> bool {
    let Some(members) = Members::read(whole) else { return false };
    for (name, json) in members.others(&["object", "entry"]) {
        visit(Part::BesideEntries(name, json));
    }
    let Some(entries) = members.get("entry").filter(|entries| is_array(entries)) else { return false };
    for_each(entries, &mut |json| {
        let entry = Members::read(json);
        let changes = entry.as_ref().and_then(|entry| entry.get("changes")).filter(|changes| is_array(changes));
        let (Some(entry), Some(changes)) = (entry, changes) else { return visit(Part::Entry(json)) };
        // Once for each entry, which may have thousands of changes: each of them reads the id and the time again.
        let ids = EntryIds::new(&entry);
        for (name, json) in entry.others(&["id", "time", "changes"]) {
            visit(Part::BesideChanges(ids, name, json));
        }
        for_each(changes, &mut |json| visit(Part::Change(Change::new(ids, json))));
    });
    true
}

/// A change of a callback.
pub(super) struct Change<'a> {
    /// Those of its entry.
    pub entry: EntryIds<'a>,
    /// The change itself.
    pub json: &'a RawValue,
    /// Its members; none if it is no object of which each name stands once.
    pub members: Option<Members<'a>>,
    /// Those of its `value`; none if that is no such object.
    pub values: Option<Members<'a>>,
}

impl<'a> Change<'a> {
    /// A change of an entry.
    pub fn new(entry: EntryIds<'a>, json: &'a RawValue) -> Self {
        let members = Members::read(json);
        let values = members.as_ref().and_then(|members| members.get("value")).and_then(Members::read);
        Self { entry, json, members, values }
    }

    /// Its `field`, if that is a text.
    pub fn field(&self) -> Option<String> {
        self.members.as_ref()?.get("field").and_then(parse)
    }

    /// A part of its `value`.
    pub fn value(&self, name: &str) -> Option<&'a RawValue> {
        self.values.as_ref()?.get(name)
    }

    /// The number that it is about.
    pub fn number_id(&self) -> Option<String> {
        let id = text(self.value("metadata")?, "phone_number_id");
        id.filter(|id| is_graph_id(id))
    }

    /// The business account that it is about. The entry of a change about partners is their own portfolio, and the account
    /// is in its value (whatsapp-cloud-api-2026, section 9).
    pub fn business_id(&self) -> Option<String> {
        let of_partners = self.value("waba_info").and_then(|info| id(info, "waba_id"));
        of_partners.or_else(|| self.entry.id.and_then(id_of))
    }

    /// When it happened.
    pub fn time(&self) -> Option<Timestamp> {
        self.entry.time.and_then(time_of)
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
        assert_eq!(ids(&many).len(), MAX_IDS);
        let business =
            CallbackIds::read(br#"{"entry":[{"id":9001,"changes":[{"value":{}}]},{"id":"x","changes":[5]}]}"#);
        assert_eq!((business.numbers.len(), business.businesses.as_slice()), (0, ["9001".to_owned()].as_slice()));
        assert!(business.has_changes_without_number);
        assert!(number_ids(b"").is_empty() && number_ids(b"[").is_empty());
    }
}
