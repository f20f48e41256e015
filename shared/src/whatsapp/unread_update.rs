//! What of a callback cannot be read, or is of a kind that is not known yet. It is kept, and a later version reads it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use strum::IntoStaticStr;
use utoipa::ToSchema;

use crate::whatsapp::callback_change::{Change, EntryIds};
use crate::whatsapp::json_members::Members;
use crate::whatsapp::raw_json::{for_each, id, id_of, is_array};
use crate::whatsapp::update_frame::{Frame, of_entry};

/// Bytes of updates that are kept together.
pub(super) const MAX_PACK: usize = 128 * 1024;
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
    pub(super) entry: String,
}

impl UnreadUpdate {
    fn new(reason: UnreadReason, (number_id, business_id): (Option<String>, Option<String>), entry: String) -> Self {
        Self { reason, number_id, business_id, is_copy: false, entry }
    }

    /// One of the updates that have a frame in common.
    fn in_frame(reason: UnreadReason, frame: &Frame<'_>, entry: String) -> Self {
        Self::new(reason, (frame.number_id.clone(), frame.business_id.clone()), entry)
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
                parts.extend(in_parts(list, &|list| Self::in_frame(reason, &frame, part(list))));
            }
        }
        if parts.len() > 1 { parts } else { vec![Self::whole(reason, change)] }
    }

    /// A whole change, however large it is.
    pub(super) fn whole(reason: UnreadReason, change: &Change<'_>) -> Self {
        let frame = Frame::new(change, "");
        Self::in_frame(reason, &frame, format!(r#"{{{}"changes":[{}]}}"#, frame.entry, change.json.get()))
    }

    /// A whole entry of a form that is not known. Of one that is too large to be kept, each of its lists and objects.
    pub(super) fn entry(entry: &RawValue) -> Vec<Self> {
        let (reason, business_id) = (UnreadReason::UnreadableChange, id(entry, "id"));
        let members = Members::read(entry).filter(|_| entry.get().len() > MAX_WHOLE);
        let ids = members.as_ref().map_or_else(EntryIds::default, EntryIds::new);
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
            Self::in_frame(UnreadReason::UnreadableChange, &frame, format!(r#"{{{entry}"changes":[{change}]}}"#))
        };
        in_parts(json, &part)
    }

    /// One element of a list of a change's value.
    pub(super) fn element(reason: UnreadReason, frame: &Frame<'_>, element: &RawValue) -> Self {
        Self::in_frame(reason, frame, frame.list(&format!("[{}]", element.get())))
    }

    /// What stands in place of a list of a change's value, or under a name that is not known.
    pub(super) fn beside(reason: UnreadReason, frame: &Frame<'_>, json: &RawValue) -> Vec<Self> {
        in_parts(json, &|json| Self::in_frame(reason, frame, frame.list(json)))
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

/// Kilobytes of what is kept, as the quota counts them.
pub(super) fn kilobytes(kept: &str) -> i64 {
    1 + i64::try_from(kept.len() / 1024).unwrap_or_default()
}
