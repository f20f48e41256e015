//! What the updates of a change have in common. Each that is kept is kept in it, so that it says by itself whom it is about.

use serde_json::value::RawValue;

use crate::whatsapp::callback_change::{Change, EntryIds};
use crate::whatsapp::json_members::{Members, has_content};
use crate::whatsapp::raw_json::is_array;

/// Bytes of a value's other members, of which `contacts` is the largest, up to which they are kept with each of its updates: they would be
/// kept a thousand times.
const MAX_BESIDE: usize = 8 * 1024;
/// Bytes of a change's `field` that are kept with each of its updates.
const MAX_FIELD: usize = 1024;
/// What a value has beside its reports: whom they are about.
pub(super) const NO_REPORTS: [&str; 4] = ["messaging_product", "metadata", "contacts", "waba_info"];

/// What the elements of a list in a change's value have in common, each member with a comma behind it.
#[derive(Clone)]
pub(super) struct Frame<'a> {
    /// The number that they are about.
    pub number_id: Option<String>,
    /// The list's name, as it is written.
    pub name: &'a str,
    /// The business account that they are about, if they name no number.
    pub business_id: Option<String>,
    /// Those of the entry.
    pub entry: String,
    /// The change's `field`.
    pub field: String,
    /// Those of the value that are no reports themselves: whom it is about.
    pub beside: String,
    /// Their names.
    pub names: Vec<&'a str>,
}

impl<'a> Frame<'a> {
    /// The frame of the elements of the list `name`.
    pub fn new(change: &Change<'a>, name: &'a str) -> Self {
        let number_id = change.number_id();
        let field = change.members.as_ref().and_then(|members| members.get("field"));
        let field = field.filter(|field| field.get().len() <= MAX_FIELD);
        let mut members: Vec<_> = change.values.iter().flat_map(Members::iter).collect();
        members.sort_by_key(|(name, _)| !["metadata", "waba_info"].contains(name)); // first, since not all may fit
        let is_beside = |it: &str, json: &RawValue| match it {
            "contacts" => is_array(json),
            it => NO_REPORTS.contains(&it) || !has_content(json),
        };
        let (mut beside, mut names) = (String::new(), Vec::new());
        for (known, json) in members.into_iter().filter(|(it, json)| *it != name && is_beside(it, json)) {
            if beside.len() + known.len() + json.get().len() <= MAX_BESIDE {
                beside += &format!(r#""{known}":{},"#, json.get());
                names.push(known);
            }
        }
        Self {
            business_id: change.business_id().filter(|_| number_id.is_none()),
            number_id,
            name,
            entry: of_entry(change.entry),
            field: field.map(|field| format!(r#""field":{},"#, field.get())).unwrap_or_default(),
            beside,
            names,
        }
    }

    /// Whether all members of a value are kept with each of its updates.
    pub fn has_all(&self, values: &Members<'_>) -> bool {
        values.iter().all(|(name, _)| self.names.contains(&name))
    }

    /// One of a callback's `entry`, with nothing but a list of this name.
    pub fn list(&self, list: &str) -> String {
        let Self { field, name, entry, beside, .. } = self;
        format!(r#"{{{entry}"changes":[{{{field}"value":{{{beside}"{name}":{list}}}}}]}}"#)
    }
}

/// The members that an entry has before its changes.
pub(super) fn of_entry(EntryIds { id, time }: EntryIds<'_>) -> String {
    let member = |name: &str, json: Option<&RawValue>| json.map(|json| format!(r#""{name}":{},"#, json.get()));
    [member("id", id), member("time", time)].into_iter().flatten().collect()
}
