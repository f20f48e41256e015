//! Callbacks, read leniently: an update that cannot be read does not lose the others, and is kept itself.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::value::RawValue;

use crate::clock::Timestamp;
use crate::whatsapp::account_update::{AccountUpdate, AccountUpdates};
use crate::whatsapp::callback_change::{CALLS, Change, LISTS, MAX_IDS, MAX_UPDATES, Part, for_each_part};
use crate::whatsapp::callback_contacts::{People, people};
use crate::whatsapp::message_status::{MessageStatus, ReadStatus, StatusUpdate};
use crate::whatsapp::raw_json::{for_each, is_array, text};
use crate::whatsapp::received_call::ReceivedCall;
use crate::whatsapp::received_message::ReceivedMessage;
use crate::whatsapp::unread_update::{Frame, UnreadPack, UnreadReason, UnreadUpdate};

/// The precision of WhatsApp's times, and a margin.
const NEAR: Duration = Duration::from_secs(2);
/// The beginning of 2009, the year of WhatsApp's foundation: nothing happened before.
const EARLIEST: Timestamp = Timestamp::from_secs(1_230_768_000);
/// Fields that are known and not used (whatsapp-cloud-api-2026, sections 4, 7, 9 and 12).
#[rustfmt::skip]
const UNUSED_FIELDS: [&str; 17] = [
    "account_alerts", "account_review_update", "automatic_events", "business_username_updates", "flows",
    "group_lifecycle_update", "group_participants_update", "group_settings_update", "group_status_update", "history",
    "message_template_components_update", "messaging_handovers", "phone_number_name_update", "security",
    "smb_app_state_sync", "smb_message_echoes", "standby",
];
/// Fields that come of numbers only that are in use in WhatsApp's app as well.
const APP_FIELDS: [&str; 3] = ["history", "smb_app_state_sync", "smb_message_echoes"];

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
    /// Reads `entry[].changes[]`, each on its own. An entry without changes is kept.
    ///
    /// # Errors
    /// The body, if it is no callback, or of more updates that cannot be read than WhatsApp sends.
    pub fn read(body: &[u8]) -> Result<Self, UnreadPack> {
        let mut callback = Self::default();
        let text = String::from_utf8_lossy(body);
        let whole: &RawValue = serde_json::from_str(&text).map_err(|_| UnreadPack::body(body))?;
        for_each_part(whole, &mut |part| match part {
            Part::Change(change) => callback.read_change(change),
            Part::Entry(entry) => callback.keep(|| UnreadUpdate::entry(entry)),
        });
        let is_empty = callback.updates() == 0;
        if is_empty || callback.unread.len() > MAX_UPDATES { Err(UnreadPack::body(body)) } else { Ok(callback) }
    }

    /// How many updates were read of it.
    fn updates(&self) -> usize {
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

    fn read_change(&mut self, change: Change<'_>) {
        let name = text(change.json, "field");
        if let Some(name) = name.as_deref().filter(|name| UNUSED_FIELDS.contains(name)) {
            self.unused += 1;
            if APP_FIELDS.contains(&name) && self.shared_with_app.len() < MAX_IDS {
                self.shared_with_app.extend(change.number_id());
            }
            return;
        }
        if name.as_deref() == Some(CALLS) {
            let calls = ReceivedCall::read_all(change);
            self.unused += usize::from(calls.is_empty());
            return self.calls.extend(calls);
        }
        if let Some(read) = name.as_deref().and_then(|name| AccountUpdates::read(name, change)) {
            return self.read_account(change, read);
        }
        if name.is_some_and(|name| name != "messages") {
            return self.keep(|| UnreadUpdate::change(UnreadReason::UnknownField, change));
        }
        let values = LISTS.map(|name| change.value(name));
        let [messages, statuses, _] = values.map(|value| value.filter(|list| is_array(list)));
        let errors = AccountUpdates::read_errors(change);
        if messages.is_none() && statuses.is_none() && errors.is_none() {
            return self.keep(|| UnreadUpdate::change(UnreadReason::UnreadableChange, change));
        }
        for (name, value) in LISTS.into_iter().zip(values) {
            let is_odd = |value: &&RawValue| !is_array(value) && value.get() != RawValue::NULL.get();
            if let Some(value) = value.filter(is_odd) {
                self.keep(|| UnreadUpdate::odd_list(&Frame::new(change, name), value));
            }
        }
        if let Some(errors) = errors {
            self.read_account(change, errors);
        }
        let people = change.value("contacts").map_or_else(People::default, people);
        self.read_messages(change, messages.unwrap_or(RawValue::NULL), &people);
        self.read_statuses(change, statuses.unwrap_or(RawValue::NULL), &people);
    }

    fn read_account(&mut self, change: Change<'_>, mut read: AccountUpdates) {
        if change.number_id().is_none() && change.business_id().is_none() {
            read = AccountUpdates { updates: Vec::new(), is_partial: true };
        }
        if read.is_partial {
            self.keep(|| UnreadUpdate::change(UnreadReason::UnreadableChange, change));
        } else if read.updates.is_empty() {
            self.unused += 1;
        }
        self.account.extend(read.updates);
    }

    fn read_messages(&mut self, change: Change<'_>, messages: &RawValue, people: &People) {
        let frame = Frame::new(change, "messages");
        for_each(messages, &mut |message| {
            let read = frame.number_id.as_ref().and_then(|number| ReceivedMessage::read(number, message, people));
            if read.as_ref().is_none_or(|read| read.is_partial) {
                self.keep(|| UnreadUpdate::element(UnreadReason::UnreadableMessage, &frame, message));
            }
            let place = self.received.len();
            self.received.extend(read.map(|read| ReceivedMessage { place, ..read }));
        });
    }

    fn read_statuses(&mut self, change: Change<'_>, statuses: &RawValue, people: &People) {
        let frame = Frame::new(change, "statuses");
        for_each(statuses, &mut |status| match (MessageStatus::read(status, people), &frame.number_id) {
            (ReadStatus::Untagged, _) => self.untagged += 1,
            (ReadStatus::Status(status), Some(number)) => {
                self.statuses.push(StatusUpdate { number_id: number.clone(), status });
            }
            _ => self.keep(|| UnreadUpdate::element(UnreadReason::UnreadableStatus, &frame, status)),
        });
    }

    /// Keeps an update, unless there are so many that the whole callback is kept.
    fn keep(&mut self, update: impl FnOnce() -> UnreadUpdate) {
        if self.unread.len() <= MAX_UPDATES {
            self.unread.push(update());
        }
    }
}

/// When an update happened, by WhatsApp's time or ours: WhatsApp's times are whole seconds, so one that is this near to now
/// is taken as now, and no message is shown as delivered before it was sent (docs/adr/0008). So is one that cannot be.
pub fn event_time(reported: Option<Timestamp>, now: Timestamp) -> Timestamp {
    match reported {
        Some(time) if EARLIEST <= time && time.plus(NEAR) < now => time,
        _ => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatsapp::message_status::ReportedStatus;

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
    fn an_unreadable_update_does_not_lose_the_others_and_is_kept() {
        let callback = read(include_str!("fixtures/odd.json"));
        assert_eq!((callback.statuses.len(), callback.received.len()), (1, 1));
        assert_eq!((callback.untagged, callback.unused), (1, 1));
        let reasons: Vec<_> = callback.unread.iter().map(|update| update.reason).collect();
        let unreadable_statuses = [UnreadReason::UnreadableStatus; 2];
        assert_eq!(
            reasons[..3],
            [UnreadReason::UnreadableChange, UnreadReason::UnknownField, UnreadReason::UnreadableMessage]
        );
        assert_eq!(reasons[3..], unreadable_statuses);
    }

    #[test]
    fn what_was_kept_is_a_callback_that_reads_the_same() {
        let callback = read(include_str!("fixtures/odd.json"));
        let packs = UnreadPack::pack(&callback.unread);
        let [pack] = &packs[..] else { panic!("one") };
        assert_eq!((pack.number_ids.as_slice(), pack.reasons.len()), (["1065".to_owned()].as_slice(), 4));
        let again = read(&pack.callback);
        assert_eq!((again.statuses.len(), again.received.len(), again.untagged, again.unused), (0, 0, 0, 0));
        assert_eq!(UnreadPack::pack(&again.unread)[0].callback, pack.callback);
    }

    #[test]
    fn what_stands_beside_entries_and_lists_that_can_be_read_is_kept() {
        let entry = |value: &str| format!(r#"{{"id":"9001","changes":[{{"field":"messages","value":{value}}}]}}"#);
        let status = r#"{"id":"wamid.A","status":"read","biz_opaque_callback_data":"k.msg_1.1.mac"}"#;
        let good = entry(&format!(r#"{{"metadata":{{"phone_number_id":"1065"}},"statuses":[{status}]}}"#));
        let odd_entries = ["5", "null", "{}", r#"{"id":"9001"}"#, r#"{"id":"9001","changes":{"field":"messages"}}"#];
        for odd in odd_entries {
            let callback = read(&format!(r#"{{"entry":[{good},{odd},{good}]}}"#));
            assert_eq!((callback.statuses.len(), callback.unread.len()), (2, 1), "{odd}");
            let kept = UnreadPack::pack(&callback.unread).remove(0).callback;
            assert!(kept.contains(&format!(r#""entry":[{odd}]"#)), "{kept}");
            assert_eq!(read(&kept).unread.len(), 1, "{kept}");
        }
        for name in ["messages", "errors"] {
            for odd in ["{}", r#"{"from":"55"}"#, "5", r#""x""#] {
                let value =
                    format!(r#"{{"metadata":{{"phone_number_id":"1065"}},"statuses":[{status}],"{name}":{odd}}}"#);
                let callback = read(&format!(r#"{{"entry":[{}]}}"#, entry(&value)));
                assert_eq!((callback.statuses.len(), callback.unread.len()), (1, 1), "{value}");
                let kept = UnreadPack::pack(&callback.unread).remove(0);
                assert!(kept.callback.contains(&format!(r#""{name}":{odd}"#)), "{}", kept.callback);
                assert_eq!((kept.number_ids, read(&kept.callback).unread.len()), (vec!["1065".to_owned()], 1));
            }
        }
    }

    #[test]
    fn more_than_whatsapp_sends_is_kept_whole() {
        let callback = |statuses: usize| {
            let statuses = vec!["5"; statuses].join(",");
            let value = format!(r#"{{"metadata":{{"phone_number_id":"1"}},"statuses":[{statuses}]}}"#);
            format!(r#"{{"entry":[{{"changes":[{{"value":{value}}}]}}]}}"#)
        };
        let kept = UnreadPack::pack(&read(&callback(MAX_UPDATES)).unread);
        assert!(kept.len() < 10 && kept.iter().all(|pack| pack.callback.len() < 200 * 1024), "{}", kept.len());
        let whole = callback(MAX_UPDATES + 1);
        let pack = Callback::read(whole.as_bytes()).expect_err("too many");
        assert_eq!(
            (pack.callback.as_str(), pack.reasons.as_slice()),
            (whole.as_str(), [UnreadReason::UnreadableCallback].as_slice())
        );
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
    fn a_time_that_cannot_be_is_taken_as_now() {
        let now = Timestamp::from_secs(1_760_000_000);
        for seconds in [i64::MIN, -1, 0, 1_230_767_999, 1_759_999_998, 1_760_000_001, i64::MAX] {
            assert_eq!(event_time(Some(Timestamp::from_secs(seconds)), now), now, "{seconds}");
        }
        let earlier = Timestamp::from_secs(1_759_999_997);
        assert_eq!(event_time(Some(earlier), now), earlier);
        assert_eq!(event_time(None, now), now);
    }

    #[test]
    fn a_name_with_a_lone_surrogate_loses_nothing() {
        let cut = include_str!("fixtures/statuses.json").replacen(r#""object""#, r#""name":"Ana \ud83d","object""#, 1);
        let callback = read(&cut);
        assert_eq!((callback.statuses.len(), callback.unread.len()), (2, 0), "{cut}");
    }

    #[test]
    fn a_body_that_is_no_callback_is_kept_whole() {
        for body in ["", "[]", "{}", "null", r#"{"entry":5}"#, "not JSON", r#"{"entry":[{"changes":[]}]}"#] {
            let pack = Callback::read(body.as_bytes()).expect_err("no callback");
            assert_eq!(pack.callback, body);
        }
        let odd = read(r#"{"entry":[{"changes":[{"value":{"statuses":{}}},5]}]}"#);
        assert_eq!((odd.statuses.len(), odd.unread.len()), (0, 2));
    }
}
