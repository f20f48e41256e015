//! Callbacks, read leniently: an update that cannot be read does not lose the others, and is kept itself.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use crate::whatsapp::account_update::{AccountUpdate, AccountUpdates};
use crate::whatsapp::callback_change::{
    CALLS, COMPONENTS, Change, LISTS, MAX_IDS, MAX_UPDATES_PER_CALLBACK, MESSAGES, PREFERENCES, Part, USER_IDS,
    for_each_part,
};
use crate::whatsapp::callback_contacts::{People, people};
use crate::whatsapp::callback_status::{CallbackStatus, ReadStatus, StatusUpdate};
use crate::whatsapp::json_members::Members;
use crate::whatsapp::raw_json::{for_each, is_array};
use crate::whatsapp::received_call::{ReadCall, ReceivedCall};
use crate::whatsapp::received_message::ReceivedMessage;
use crate::whatsapp::unknown_form::has_unknown_member;
use crate::whatsapp::unread_pack::UnreadPack;
use crate::whatsapp::unread_update::{UnreadReason, UnreadUpdate};
use crate::whatsapp::update_frame::{Frame, NO_REPORTS};

/// Fields that are known and not used (whatsapp-cloud-api-2026, sections 4, 7, 9 and 12).
#[rustfmt::skip]
const UNUSED_FIELDS: [&str; 16] = [
    "account_alerts", "account_review_update", "automatic_events", "business_username_updates", "flows",
    "group_lifecycle_update", "group_participants_update", "group_settings_update", "group_status_update", "history",
    "messaging_handovers", "phone_number_name_update", "security",
    "smb_app_state_sync", "smb_message_echoes", "standby",
];
/// Fields that come of numbers only that are in use in WhatsApp's app as well.
const APP_FIELDS: [&str; 3] = ["history", "smb_app_state_sync", "smb_message_echoes"];

/// The lists of the value of a change of `calls`.
const LISTS_OF_CALLS: [&str; 3] = [CALLS, LISTS[1], LISTS[2]];

/// The lists and objects of a status.
const OF_STATUS: [&str; 3] = ["conversation", "errors", "pricing"];
/// Those of an element of `contacts`.
const OF_CONTACT: [&str; 1] = ["profile"];

/// The list of the value of an `account_update`.
const RESTRICTIONS: &str = "restriction_info";

/// The most parts of a callback that cannot be read: several of each update, as when WhatsApp adds something to all of them.
pub(super) const MAX_UNREAD: usize = 8 * MAX_UPDATES_PER_CALLBACK;

/// The updates of a callback.
#[derive(Debug, Default)]
pub struct Callback {
    /// The statuses of our messages, in the callback's order.
    pub statuses: Vec<StatusUpdate>,
    /// The received messages, in the callback's order.
    pub received: Vec<ReceivedMessage>,
    /// The calls of people.
    pub calls: Vec<ReceivedCall>,
    /// The updates about numbers and business accounts, in the callback's order.
    pub account: Vec<AccountUpdate>,
    /// The numbers that are in use in WhatsApp's app as well: only of such ones it reports what happens there.
    pub shared_with_app: BTreeSet<String>,
    /// The updates that could not be read.
    pub unread: Vec<UnreadUpdate>,
    /// How many statuses are about messages that were not sent by us.
    pub untagged: usize,
    /// How many changes are of a kind that is known and not used.
    pub unused: usize,
}

impl Callback {
    /// Reads `entry[].changes[]`, each on its own. An entry without changes is kept, and so are lists of names that are not known.
    ///
    /// # Errors
    /// The body, if it is no callback, or of more parts that cannot be read than the updates have that WhatsApp sends.
    pub fn read(body: &[u8]) -> Result<Self, UnreadPack> {
        let mut callback = Self::default();
        let text = String::from_utf8_lossy(body);
        let whole: &RawValue = serde_json::from_str(&text).map_err(|_| UnreadPack::body(body))?;
        let is_callback = for_each_part(whole, &mut |part| match part {
            Part::Change(change) => callback.read_change(&change),
            Part::Entry(entry) => callback.keep_all(|| UnreadUpdate::entry(entry)),
            Part::BesideChanges(ids, name, json) => {
                callback.keep_all(|| UnreadUpdate::beside_changes(ids, name, json));
            }
            Part::BesideEntries(name, json) => callback.keep_all(|| UnreadUpdate::beside_entries(name, json)),
        });
        let is_empty = callback.updates() == 0;
        if !is_callback || is_empty || callback.unread.len() > MAX_UNREAD {
            Err(UnreadPack::body(body))
        } else {
            Ok(callback)
        }
    }

    /// How many updates it has, those that could not be read included.
    pub fn updates(&self) -> usize {
        let of_people = self.received.len() + self.calls.len();
        self.statuses.len() + of_people + self.account.len() + self.unread.len() + self.untagged + self.unused
    }

    /// The numbers that the updates are about.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        let of_statuses = self.statuses.iter().map(|update| update.number_id.as_str());
        of_statuses.chain(self.received.iter().map(|message| message.number_id.as_str()))
    }

    /// Drops the updates of other numbers than these, and of other business accounts. What could not be read and names neither
    /// stays: it may be about them.
    pub fn keep_only<T>(&mut self, numbers: &BTreeMap<String, T>, is_own_business: impl Fn(&str) -> bool) {
        let is_own = |number: Option<&String>, business: Option<&String>| match number {
            Some(number) => numbers.contains_key(number),
            None => business.is_some_and(|business| is_own_business(business)),
        };
        self.shared_with_app.retain(|number| numbers.contains_key(number));
        self.statuses.retain(|update| numbers.contains_key(&update.number_id));
        self.received.retain(|message| numbers.contains_key(&message.number_id));
        self.calls.retain(|call| numbers.contains_key(&call.number_id));
        self.account.retain(|update| is_own(update.number_id.as_ref(), update.business_id.as_ref()));
        self.unread.retain(|update| {
            update.is_about_nobody() || is_own(update.number_id.as_ref(), update.business_id.as_ref())
        });
    }

    fn read_change(&mut self, change: &Change<'_>) {
        let name = change.field();
        if let Some(name) = name.as_deref().filter(|name| UNUSED_FIELDS.contains(name)) {
            self.unused += 1;
            if APP_FIELDS.contains(&name) && self.shared_with_app.len() < MAX_IDS {
                self.shared_with_app.extend(change.number_id());
            }
            return;
        }
        let lists = match name.as_deref() {
            None | Some(MESSAGES) => Some(LISTS),
            Some(CALLS) => Some(LISTS_OF_CALLS),
            _ => None,
        };
        let account = name.as_deref().and_then(|name| AccountUpdates::read(name, change));
        let (Some(members), Some(values)) = (&change.members, &change.values) else {
            let is_known = lists.is_some() || account.is_some();
            let reason = if is_known { UnreadReason::UnreadableChange } else { UnreadReason::UnknownField };
            return self.keep_all(|| UnreadUpdate::change(reason, change));
        };
        let beside: Vec<_> = members.others(&["field", "value"]).collect();
        match (lists, account) {
            (Some(lists), _) => self.read_lists(change, values, lists, &beside),
            (None, Some(mut read)) => {
                // Objects are what such an update says. With a list beside it is kept whole: it is the same update when it is replayed.
                let own = [PREFERENCES, USER_IDS].into_iter().find(|own| name.as_deref() == Some(own));
                let known = [own.unwrap_or(RESTRICTIONS), "contacts"];
                // All of the components is passed on.
                let has_list =
                    name.as_deref() != Some(COMPONENTS) && values.others(&known).any(|(_, json)| is_array(json));
                read.is_partial |= has_list || !beside.is_empty();
                self.read_account(change, read);
            }
            (None, None) => self.keep_all(|| UnreadUpdate::change(UnreadReason::UnknownField, change)),
        }
    }

    /// Reads a change whose value has these lists, the last of errors, and that has this beside its value.
    fn read_lists(
        &mut self,
        change: &Change<'_>,
        values: &Members<'_>,
        lists: [&'static str; 3],
        beside: &[(&str, &RawValue)],
    ) {
        let is_odd = |json: &RawValue| !is_array(json) && json.get() != RawValue::NULL.get();
        let list = |name: &str| values.get(name).filter(|list| is_array(list));
        let known = [&lists[..], &NO_REPORTS].concat();
        let others = values.others(&known);
        let odd = lists
            .iter()
            .chain(&["contacts"])
            .filter_map(|name| Some((*name, values.get(name).filter(|it| is_odd(it))?)));
        let unknown: Vec<_> = odd.chain(others).collect();
        // What was kept of a change that had more has nothing but what stood beside its value.
        let is_rest = !beside.is_empty() && unknown.is_empty() && Frame::new(change, "").has_all(values);
        if !is_rest && lists.iter().all(|name| list(name).is_none()) {
            return self.keep_all(|| UnreadUpdate::change(UnreadReason::UnreadableChange, change));
        }
        for (name, json) in beside {
            self.keep_all(|| UnreadUpdate::beside_value(change, name, json));
        }
        for (name, json) in unknown {
            let frame = Frame::new(change, name);
            self.keep_all(|| UnreadUpdate::beside(UnreadReason::UnreadableChange, &frame, json));
        }
        if let Some(errors) = AccountUpdates::read_errors(change) {
            self.read_account(change, errors);
        }
        let contacts = values.get("contacts").unwrap_or(RawValue::NULL);
        self.keep_odd_contacts(change, contacts);
        let people = people(contacts);
        let [first, statuses] = [lists[0], lists[1]].map(|name| list(name).unwrap_or(RawValue::NULL));
        match lists[0] {
            CALLS => self.read_calls(change, [first, statuses], &people),
            _ => {
                self.read_messages(change, first, &people);
                self.read_statuses(change, statuses, &people);
            }
        }
    }

    /// The calls of a change, and the statuses of those of the business. One of them that opens no window is of no use.
    fn read_calls(&mut self, change: &Change<'_>, lists: [&RawValue; 2], people: &People) {
        let before = self.updates();
        for (name, list) in LISTS_OF_CALLS.into_iter().zip(lists) {
            let frame = Frame::new(change, name);
            for_each(list, &mut |call| match ReceivedCall::read(&frame, call, people) {
                ReadCall::Opens(call) => self.calls.push(call),
                ReadCall::Unused => {}
                ReadCall::Unreadable => {
                    self.keep(|| UnreadUpdate::element(UnreadReason::UnreadableChange, &frame, call))
                }
            });
        }
        self.unused += usize::from(self.updates() == before);
    }

    fn read_account(&mut self, change: &Change<'_>, mut read: AccountUpdates) {
        if change.number_id().is_none() && change.business_id().is_none() {
            read = AccountUpdates { is_partial: true, ..AccountUpdates::default() };
        }
        if read.is_partial {
            self.keep_all(|| UnreadUpdate::change(UnreadReason::UnreadableChange, change));
        } else if read.updates.is_empty() && read.unread.is_empty() {
            self.unused += 1;
        }
        self.account.extend(read.updates);
        self.keep_all(|| read.unread);
    }

    fn read_messages(&mut self, change: &Change<'_>, messages: &RawValue, people: &People) {
        // The frame copies what is kept with each update, and nearly always none is.
        let (number, frame) = (change.number_id(), LazyCell::new(|| Frame::new(change, LISTS[0])));
        for_each(messages, &mut |message| {
            let read = number.as_ref().and_then(|number| ReceivedMessage::read(number, message, people));
            if read.as_ref().is_none_or(|read| read.is_partial) {
                self.keep(|| {
                    let kept = UnreadUpdate::element(UnreadReason::UnreadableMessage, &frame, message);
                    if read.is_some() { kept.copied() } else { kept }
                });
            }
            let place = self.received.len();
            self.received.extend(read.map(|read| ReceivedMessage { place, ..read }));
        });
    }

    fn read_statuses(&mut self, change: &Change<'_>, statuses: &RawValue, people: &People) {
        let (number, frame) = (change.number_id(), LazyCell::new(|| Frame::new(change, LISTS[1])));
        let mut odd = Vec::new();
        for_each(statuses, &mut |json| match (CallbackStatus::read(json, people), &number) {
            (ReadStatus::Untagged, _) => self.untagged += 1,
            (ReadStatus::Status(status), Some(number)) => {
                odd.extend(has_unknown_member(json, &OF_STATUS).then_some(json));
                self.statuses.push(StatusUpdate { number_id: number.clone(), status });
            }
            _ => self.keep(|| UnreadUpdate::element(UnreadReason::UnreadableStatus, &frame, json)),
        });
        self.keep_read(UnreadReason::UnreadableStatus, change, LISTS[1], &odd);
    }

    /// Keeps those of `contacts` that say more of somebody than is read.
    fn keep_odd_contacts(&mut self, change: &Change<'_>, contacts: &RawValue) {
        let mut odd = Vec::new();
        for_each(contacts, &mut |json| odd.extend(has_unknown_member(json, &OF_CONTACT).then_some(json)));
        self.keep_read(UnreadReason::UnreadableChange, change, "contacts", &odd);
    }

    /// Keeps elements of a list that were read as well, as few updates: there may be a thousand, as many as the callback has others.
    fn keep_read(&mut self, reason: UnreadReason, change: &Change<'_>, name: &'static str, elements: &[&RawValue]) {
        if elements.is_empty() {
            return;
        }
        let elements: Vec<_> = elements.iter().map(|element| element.get()).collect();
        let list = RawValue::from_string(format!("[{}]", elements.join(","))).expect("a list of JSON");
        let kept = UnreadUpdate::beside(reason, &Frame::new(change, name), &list);
        self.keep_all(|| kept.into_iter().map(UnreadUpdate::copied).collect());
    }

    /// Keeps an update, unless there are so many that the whole callback is kept.
    fn keep(&mut self, update: impl FnOnce() -> UnreadUpdate) {
        if self.unread.len() <= MAX_UNREAD {
            self.unread.push(update());
        }
    }

    /// Keeps several, in the same way.
    fn keep_all(&mut self, updates: impl FnOnce() -> Vec<UnreadUpdate>) {
        if self.unread.len() <= MAX_UNREAD {
            self.unread.extend(updates());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::whatsapp::callback_status::ReportedStatus;

    fn read(body: &str) -> Callback {
        Callback::read(body.as_bytes()).expect("a callback")
    }

    #[test]
    fn the_documented_callback_is_read() {
        let callback = read(include_str!("fixtures/statuses.json"));
        assert_eq!((callback.received.len(), callback.unread.len(), callback.untagged), (0, 0, 1));
        let [delivered, failed] = &callback.statuses[..] else { panic!("two") };
        assert_eq!((delivered.number_id.as_str(), delivered.status.status), ("1065", ReportedStatus::Delivered));
        assert_eq!(delivered.status.time, Some(Timestamp::from_secs(1_760_000_002)));
        assert_eq!(failed.status.errors[0].code, 131_047);
    }

    #[test]
    fn a_number_out_of_range_loses_only_its_own_field() {
        let whole = include_str!("fixtures/statuses.json");
        for field in [r#""cost":1e400"#, r#""errors":[{"code":1e400}]"#] {
            let odd = whole.replacen(r#""id":"wamid.A""#, &format!(r#"{field},"id":"wamid.A""#), 1);
            assert_ne!(odd, whole);
            assert_eq!(read(&odd).statuses.len(), 2, "{field}");
        }
    }

    #[test]
    fn a_name_with_a_lone_surrogate_loses_nothing() {
        let cut = include_str!("fixtures/statuses.json").replacen(r#""object""#, r#""name":"Ana \ud83d","object""#, 1);
        let callback = read(&cut);
        assert_eq!((callback.statuses.len(), callback.unread.len()), (2, 0), "{cut}");
    }
}
