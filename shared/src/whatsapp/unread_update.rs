//! What of a callback cannot be read, or is of a kind that is not known yet. It is kept, and a later version reads it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use strum::IntoStaticStr;
use utoipa::ToSchema;

use crate::whatsapp::callback_change::{Change, EntryIds, number_ids};
use crate::whatsapp::members::{Members, has_content};
use crate::whatsapp::raw_json::{for_each, id, id_of, is_array};

/// Bytes of a value's other members, of which `contacts` is the largest, up to which they are kept with each of its updates: they would be
/// kept a thousand times.
const MAX_BESIDE: usize = 8 * 1024;
/// Bytes of a change's `field` that are kept with each of its updates.
const MAX_FIELD: usize = 1024;
/// What a value has beside its reports: whom they are about.
pub(super) const NO_REPORTS: [&str; 4] = ["messaging_product", "metadata", "contacts", "waba_info"];
/// Bytes of updates that are kept together.
const MAX_PACK: usize = 128 * 1024;
/// Bytes of a change that is kept whole: a record holds 256 KB (`unread_callback`).
const MAX_WHOLE: usize = 250 * 1024;

/// Why an update was not read.
#[derive(Clone, Copy, Debug, Deserialize, Eq, IntoStaticStr, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum UnreadReason {
    /// The body is no callback.
    UnreadableCallback,
    /// The `field` of a change is not known.
    UnknownField,
    /// A change has no value of a form that is known, or a list beside the known ones.
    UnreadableChange,
    /// A message could not be read.
    UnreadableMessage,
    /// A status could not be read, its word is not known, or it has a list or an object whose name is not known.
    UnreadableStatus,
    /// It is about a business account, and no number of it is connected that it can be about.
    UnknownAccount,
}

/// An update that was not read.
#[derive(Debug)]
pub struct UnreadUpdate {
    /// Why.
    pub reason: UnreadReason,
    /// WhatsApp's id of the number that it is about, if it says so.
    pub number_id: Option<String>,
    /// WhatsApp's id of the business account that it is about, if it names no number.
    pub business_id: Option<String>,
    /// Whether it was read and stored as well, as far as it could be: that counts against the quota, where anything does.
    is_copy: bool,
    /// One of a callback's `entry`, with nothing but this update.
    entry: String,
}

impl UnreadUpdate {
    fn new(reason: UnreadReason, (number_id, business_id): (Option<String>, Option<String>), entry: String) -> Self {
        Self { reason, number_id, business_id, is_copy: false, entry }
    }

    /// A change. Of one that is too large to be kept whole, each part that is not kept with the others.
    pub(super) fn change(reason: UnreadReason, change: &Change<'_>) -> Vec<Self> {
        let mut parts = Vec::new();
        if let Some(members) = change.members.as_ref().filter(|_| change.json.get().len() > MAX_WHOLE) {
            let frame = Frame::new(change, "");
            for (name, json) in members.iter().filter(|(name, _)| !["field", "value"].contains(name)) {
                parts.extend(Self::beside_value(change, name, json));
            }
            for (name, json) in
                change.values.iter().flat_map(Members::iter).filter(|(name, _)| !frame.names.contains(name))
            {
                parts.extend(Self::beside(reason, &Frame { name, ..frame.clone() }, json));
            }
            if let Some(list) = members.get("value").filter(|value| is_array(value)) {
                let part = |list: &str| format!(r#"{{{}"changes":[{{{}"value":{list}}}]}}"#, frame.entry, frame.field);
                parts.extend(in_parts(list, &|list| frame.update(reason, part(list))));
            }
        }
        if parts.len() > 1 { parts } else { vec![Self::whole(reason, change)] }
    }

    /// A whole change, however large it is.
    pub(super) fn whole(reason: UnreadReason, change: &Change<'_>) -> Self {
        let frame = Frame::new(change, "");
        frame.update(reason, format!(r#"{{{}"changes":[{}]}}"#, frame.entry, change.json.get()))
    }

    /// A whole entry of a form that is not known. Of one that is too large to be kept, each of its lists and objects.
    pub(super) fn entry(entry: &RawValue) -> Vec<Self> {
        let (reason, business_id) = (UnreadReason::UnreadableChange, id(entry, "id"));
        let members = Members::of(entry).filter(|_| entry.get().len() > MAX_WHOLE);
        let ids = members.as_ref().map_or_else(EntryIds::default, EntryIds::of);
        let others = members.iter().flat_map(|members| members.others(&["id", "time"]));
        let parts: Vec<_> = others.flat_map(|(name, json)| Self::beside_changes(ids, name, json)).collect();
        if parts.is_empty() { vec![Self::new(reason, (None, business_id), entry.get().to_owned())] } else { parts }
    }

    /// What stands beside the entries of a callback, under a name as it is written.
    pub(super) fn beside_entries(name: &str, json: &RawValue) -> Vec<Self> {
        let reason = UnreadReason::UnreadableChange;
        in_parts(json, &|json| Self::new(reason, (None, None), format!(r#"{{"{name}":{json}}}"#)))
    }

    /// What stands beside the changes of an entry.
    pub(super) fn beside_changes(ids: EntryIds<'_>, name: &str, json: &RawValue) -> Vec<Self> {
        let (reason, entry) = (UnreadReason::UnreadableChange, of_entry(ids));
        let business_id = ids.id.and_then(id_of);
        let part =
            |json: &str| Self::new(reason, (None, business_id.clone()), format!(r#"{{{entry}"{name}":{json}}}"#));
        in_parts(json, &part)
    }

    /// What stands beside the value of a change.
    pub(super) fn beside_value(change: &Change<'_>, name: &str, json: &RawValue) -> Vec<Self> {
        let frame = Frame::new(change, "");
        let part = |json: &str| {
            let Frame { field, entry, beside, .. } = &frame;
            let change = format!(r#"{{{field}"{name}":{json},"value":{{{}}}}}"#, beside.trim_end_matches(','));
            frame.update(UnreadReason::UnreadableChange, format!(r#"{{{entry}"changes":[{change}]}}"#))
        };
        in_parts(json, &part)
    }

    /// One element of a list of a change's value.
    pub(super) fn element(reason: UnreadReason, frame: &Frame<'_>, element: &RawValue) -> Self {
        frame.list(reason, &format!("[{}]", element.get()))
    }

    /// What stands in place of a list of a change's value, or under a name that is not known.
    pub(super) fn beside(reason: UnreadReason, frame: &Frame<'_>, json: &RawValue) -> Vec<Self> {
        in_parts(json, &|json| frame.list(reason, json))
    }

    /// The same of what was read and stored as well.
    pub(super) fn copied(self) -> Self {
        Self { is_copy: true, ..self }
    }

    /// Whether it names neither a number nor a business account.
    pub const fn is_about_nobody(&self) -> bool {
        self.number_id.is_none() && self.business_id.is_none()
    }

    /// Kilobytes of it, as the quota counts them. Those of a copy count if a customer's own app has signed it: it could repeat a status,
    /// which counts nothing, with something else in it each time.
    pub fn kilobytes(&self, is_of_own_app: bool) -> i64 {
        if self.is_copy && !is_of_own_app { 0 } else { kilobytes(&self.entry) }
    }
}

/// Parts of a list of which each can be kept; anything else is one part.
fn in_parts(json: &RawValue, part: &dyn Fn(&str) -> UnreadUpdate) -> Vec<UnreadUpdate> {
    if json.get().len() <= MAX_PACK || !is_array(json) {
        return vec![part(json.get())];
    }
    let (mut parts, mut elements) = (Vec::new(), String::new());
    for_each(json, &mut |element| {
        if !elements.is_empty() && elements.len() + element.get().len() > MAX_PACK {
            parts.push(part(&format!("[{elements}]")));
            elements.clear();
        }
        let comma = if elements.is_empty() { "" } else { "," };
        elements.extend([comma, element.get()]);
    });
    parts.push(part(&format!("[{elements}]")));
    parts
}

/// The members that an entry has before its changes.
fn of_entry(EntryIds { id, time }: EntryIds<'_>) -> String {
    let member = |name: &str, json: Option<&RawValue>| json.map(|json| format!(r#""{name}":{},"#, json.get()));
    [member("id", id), member("time", time)].into_iter().flatten().collect()
}

/// What the elements of a list in a change's value have in common, each member with a comma behind it.
#[derive(Clone)]
pub(super) struct Frame<'a> {
    /// The number that they are about.
    pub number_id: Option<String>,
    /// The list's name, as it is written.
    pub name: &'a str,
    business_id: Option<String>,
    /// Those of the entry.
    entry: String,
    /// The change's `field`.
    field: String,
    /// Those of the value that are no reports themselves: whom it is about.
    beside: String,
    /// Their names.
    names: Vec<&'a str>,
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

    /// A list of this name.
    fn list(&self, reason: UnreadReason, list: &str) -> UnreadUpdate {
        let Self { field, name, entry, beside, .. } = self;
        let change = format!(r#"{{{field}"value":{{{beside}"{name}":{list}}}}}"#);
        self.update(reason, format!(r#"{{{entry}"changes":[{change}]}}"#))
    }

    fn update(&self, reason: UnreadReason, entry: String) -> UnreadUpdate {
        UnreadUpdate::new(reason, (self.number_id.clone(), self.business_id.clone()), entry)
    }
}

/// Updates that were not read, as a callback of their own.
#[derive(Debug)]
pub struct UnreadPack {
    /// Why they were not read.
    pub reasons: Vec<UnreadReason>,
    /// The numbers that they are about.
    pub number_ids: Vec<String>,
    /// The callback.
    pub callback: String,
}

impl UnreadPack {
    /// A body of which nothing could be read.
    pub fn body(body: &[u8]) -> Self {
        let callback = String::from_utf8_lossy(body).into_owned();
        Self { reasons: vec![UnreadReason::UnreadableCallback], number_ids: number_ids(body), callback }
    }

    /// Packs updates, so that a callback of a thousand of them is kept with few writes.
    pub fn pack(mut updates: &[UnreadUpdate]) -> Vec<Self> {
        let mut packs = Vec::new();
        while !updates.is_empty() {
            let mut size = 0;
            let fits = updates.iter().take_while(|update| {
                size += update.entry.len();
                size <= MAX_PACK
            });
            let (packed, rest) = updates.split_at(fits.count().max(1));
            packs.push(Self::of(packed));
            updates = rest;
        }
        packs
    }

    fn of(updates: &[UnreadUpdate]) -> Self {
        let mut reasons: Vec<_> = updates.iter().map(|update| update.reason).collect();
        let mut number_ids: Vec<_> = updates.iter().filter_map(|update| update.number_id.clone()).collect();
        reasons.sort_unstable();
        reasons.dedup();
        number_ids.sort_unstable();
        number_ids.dedup();
        let entries: Vec<&str> = updates.iter().map(|update| update.entry.as_str()).collect();
        let callback = format!(r#"{{"object":"whatsapp_business_account","entry":[{}]}}"#, entries.join(","));
        Self { reasons, number_ids, callback }
    }

    /// Kilobytes of it, as the quota counts them.
    pub fn kilobytes(&self) -> i64 {
        kilobytes(&self.callback)
    }
}

fn kilobytes(kept: &str) -> i64 {
    1 + i64::try_from(kept.len() / 1024).unwrap_or_default()
}
