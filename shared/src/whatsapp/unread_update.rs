//! What of a callback cannot be read, or is of a kind that is not known yet. It is kept, and a later version reads it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use strum::IntoStaticStr;
use utoipa::ToSchema;

use crate::whatsapp::callback_change::{CALLS, Change, MESSAGES, PREFERENCES, number_ids};
use crate::whatsapp::raw_json::id;

/// Bytes up to which a value's `contacts` are kept with each of its updates: they would be kept a thousand times.
const MAX_CONTACTS: usize = 8 * 1024;
/// Bytes of updates that are kept together.
const MAX_PACK: usize = 128 * 1024;

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
    /// A status could not be read, or its word is not known.
    UnreadableStatus,
    /// It is about a business account, and no number of it is connected.
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
    /// One of a callback's `entry`, with nothing but this update.
    entry: String,
}

impl UnreadUpdate {
    /// A whole change.
    pub(super) fn change(reason: UnreadReason, change: &Change<'_>) -> Self {
        let id = change.id.map_or("null", RawValue::get);
        let time = change.time.map_or("null", RawValue::get);
        let entry = format!(r#"{{"id":{id},"time":{time},"changes":[{}]}}"#, change.json.get());
        let number_id = change.number_id();
        let business_id = if number_id.is_none() { change.business_id() } else { None };
        Self { reason, number_id, business_id, entry }
    }

    /// A whole entry of a form that is not known.
    pub(super) fn entry(entry: &RawValue) -> Self {
        let (reason, business_id) = (UnreadReason::UnreadableChange, id(entry, "id"));
        Self { reason, number_id: None, business_id, entry: entry.get().to_owned() }
    }

    /// A list beside the known ones of the callback or of an entry, by its name as it is written.
    pub(super) fn unknown_list(name: &str, list: &RawValue) -> Self {
        let entry = format!(r#"{{"{name}":{}}}"#, list.get());
        Self { reason: UnreadReason::UnreadableChange, number_id: None, business_id: None, entry }
    }

    /// One element of a list of a change's value.
    pub(super) fn element(reason: UnreadReason, frame: &Frame<'_>, element: &RawValue) -> Self {
        Self::in_frame(reason, frame, &format!("[{}]", element.get()))
    }

    /// What stands in place of a list of a change's value, or a list of a name that is not known.
    pub(super) fn odd_list(frame: &Frame<'_>, value: &RawValue) -> Self {
        Self::in_frame(UnreadReason::UnreadableChange, frame, value.get())
    }

    fn in_frame(reason: UnreadReason, frame: &Frame<'_>, list: &str) -> Self {
        let Frame { field, name, number_id, entry_id, entry_time, contacts, .. } = frame;
        let number = number_id.as_ref().map_or_else(String::new, |id| format!(r#""phone_number_id":"{id}""#));
        let value = format!(r#"{{"metadata":{{{number}}},"contacts":{contacts},"{name}":{list}}}"#);
        let changes = format!(r#"[{{"field":"{field}","value":{value}}}]"#);
        let entry = format!(r#"{{"id":{entry_id},"time":{entry_time},"changes":{changes}}}"#);
        let business_id = frame.business_id.clone().filter(|_| number_id.is_none());
        Self { reason, number_id: number_id.clone(), business_id, entry }
    }

    /// Whether it names neither a number nor a business account.
    pub const fn is_about_nobody(&self) -> bool {
        self.number_id.is_none() && self.business_id.is_none()
    }

    /// Kilobytes of it, as the quota counts them.
    pub fn kilobytes(&self) -> i64 {
        kilobytes(&self.entry)
    }
}

/// What the elements of an array in a change's value have in common.
pub(super) struct Frame<'a> {
    /// The number that they are about.
    pub number_id: Option<String>,
    business_id: Option<String>,
    entry_id: &'a str,
    entry_time: &'a str,
    contacts: &'a str,
    /// The change's `field`.
    field: &'static str,
    /// The array's name, as it is written.
    pub name: &'a str,
}

impl<'a> Frame<'a> {
    /// The frame of the elements of the array `name`.
    pub fn new(change: &Change<'a>, name: &'a str) -> Self {
        let field = change.field().unwrap_or_default();
        let contacts = change.value("contacts").filter(|contacts| contacts.get().len() <= MAX_CONTACTS);
        Self {
            number_id: change.number_id(),
            business_id: change.business_id(),
            entry_id: change.id.map_or("null", RawValue::get),
            entry_time: change.time.map_or("null", RawValue::get),
            contacts: contacts.map_or("[]", RawValue::get),
            field: [CALLS, PREFERENCES].into_iter().find(|it| *it == field).unwrap_or(MESSAGES),
            name,
        }
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
