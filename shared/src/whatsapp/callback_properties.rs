//! Callbacks of valid pieces, in any order, with fields removed or of another type: each update is read, counted or kept.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::message::Content;
use crate::whatsapp::callback_contacts::People;
use crate::whatsapp::callback_status::{CallbackStatus, ReadStatus};
use crate::whatsapp::received_content::received_content;
use crate::whatsapp::{Callback, UnreadPack};

/// Values that a field may have instead of its own.
#[rustfmt::skip]
const ODD: [&str; 12] = [
    "null", "5", "-0.5", "1e400", "18446744073709551616", "true", r#""""#, r#""\ud83d""#, r#""x""#, "[]", "[{}]", "{}",
];
/// The fields of a message.
#[rustfmt::skip]
const MESSAGE: [(&str, &str); 10] = [
    ("from", r#""5511911110001""#), ("from_user_id", r#""BR.15""#), ("id", r#""wamid.I""#),
    ("timestamp", r#""1760000002""#), ("type", r#""text""#), ("text", r#"{"body":"MARK"}"#),
    ("context", r#"{"id":"wamid.S","from":"551140000000"}"#), ("referral", r#"{"ctwa_clid":"C"}"#),
    ("errors", r#"[{"code":131051}]"#), ("group_id", r#""Y2Fw""#),
];
/// The fields of a status.
#[rustfmt::skip]
const STATUS: [(&str, &str); 6] = [
    ("id", r#""wamid.A""#), ("status", r#""failed""#), ("timestamp", "1760000002"),
    ("biz_opaque_callback_data", r#""k.msg_1.1.mac""#), ("errors", r#"[{"code":"131026"}]"#),
    ("pricing", r#"{"billable":true}"#),
];

/// A field as it should be, removed, or odd.
fn value(usual: &'static str) -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![10 => Just(Some(usual)), 1 => Just(None), 1 => select(&ODD[..]).prop_map(Some)]
}

/// An object of these fields, in any order.
fn object(fields: &'static [(&'static str, &'static str)]) -> impl Strategy<Value = String> {
    let fields = fields.iter().map(|(name, usual)| value(usual).prop_map(move |value| (*name, value)));
    fields.collect::<Vec<_>>().prop_shuffle().prop_map(|fields| {
        let fields = fields.into_iter().filter_map(|(name, value)| Some(format!(r#""{name}":{}"#, value?)));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    })
}

/// One of a list's elements: nearly always an object.
fn element(fields: &'static [(&'static str, &'static str)]) -> impl Strategy<Value = String> {
    prop_oneof![20 => object(fields), 1 => select(&ODD[..]).prop_map(str::to_owned)]
}

/// The parts of a callback: its number and contacts, messages and statuses.
type Parts = (Option<&'static str>, Option<&'static str>, Vec<String>, Vec<String>);

fn parts() -> impl Strategy<Value = Parts> {
    let contacts = value(r#"[{"wa_id":"5511911110001","user_id":"BR.15","profile":{"name":"Ana","username":"@ana"}}]"#);
    (value(r#"{"phone_number_id":"1065"}"#), contacts, vec(element(&MESSAGE), 0..5), vec(element(&STATUS), 0..5))
}

fn callback((number, contacts, messages, statuses): &Parts) -> String {
    let part = |name: &str, value: Option<&str>| value.map(|value| format!(r#""{name}":{value},"#)).unwrap_or_default();
    let (number, contacts) = (part("metadata", *number), part("contacts", *contacts));
    let (messages, statuses) = (messages.join(","), statuses.join(","));
    let value = format!(r#"{{{number}{contacts}"statuses":[{statuses}],"messages":[{messages}]}}"#);
    format!(r#"{{"entry":[{{"id":"9001","changes":[{{"field":"messages","value":{value}}}]}}]}}"#)
}

/// How many statuses are read and have a list in the place of their id or time. They are kept as well, together.
fn partial_statuses((number, _, _, statuses): &Parts) -> usize {
    let is_read = |status: &String| {
        let json = serde_json::from_str(status).expect("JSON");
        matches!(CallbackStatus::read(json, &People::new()), ReadStatus::Status(_))
    };
    let is_odd = |status: &&String| status.contains(r#""id":[{}]"#) || status.contains(r#""timestamp":[{}]"#);
    let has_number = number.is_some_and(|number| number.contains("1065"));
    statuses.iter().filter(is_odd).filter(|status| has_number && is_read(status)).count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    #[test]
    fn each_update_is_read_counted_or_kept(parts in parts()) {
        let (_, _, mut messages, statuses) = parts.clone();
        for (mark, message) in messages.iter_mut().enumerate() {
            *message = message.replace("MARK", &format!("text {mark}"));
        }
        let parts = (parts.0, parts.1, messages.clone(), statuses.clone());
        let count = messages.len() + statuses.len();
        let Ok(read) = Callback::read(callback(&parts).as_bytes()) else {
            prop_assert_eq!(count, 0, "only an empty callback is kept whole");
            return Ok(());
        };
        let partial = read.received.iter().filter(|message| message.is_partial).count();
        let is_odd = |contacts: &str| !contacts.starts_with('[') && contacts != "null";
        let partial = partial + usize::from(parts.1.is_some_and(is_odd)) + partial_statuses(&parts).min(1);
        let read_or_kept = read.statuses.len() + read.received.len() + read.untagged + read.unread.len();
        prop_assert_eq!(read_or_kept, count + partial, "what is read in part is kept as well, and so are odd contacts");
        let kept: String = UnreadPack::pack(&read.unread).into_iter().map(|pack| pack.callback).collect();
        let stored = read.received.iter().map(|message| received_content(&message.kind, message.object.as_deref()));
        let texts: Vec<String> =
            stored.filter_map(|content| match content {
                Content::Text { body, .. } => Some(body),
                Content::Received { text, .. } => text,
                _ => None,
            }).collect();
        for (mark, message) in messages.iter().enumerate() {
            // A message of another type has no use for the object under the name `text`.
            let is_text = message.contains(r#""type":"text""#) && message.contains(&format!("text {mark}"));
            let is_kept = kept.contains(message.as_str()) || texts.contains(&format!("text {mark}"));
            prop_assert!(!is_text || is_kept, "{} is lost", message);
        }
    }

}

proptest! {
    #[test]
    fn what_is_kept_reads_the_same(parts in parts()) {
        let Ok(read) = Callback::read(callback(&parts).as_bytes()) else { return Ok(()) };
        for pack in UnreadPack::pack(&read.unread) {
            let again = Callback::read(pack.callback.as_bytes()).expect("a callback");
            prop_assert_eq!(again.unread.len(), read.unread.len());
            let partial = read.received.iter().filter(|message| message.is_partial).count();
            prop_assert_eq!((again.received.len(), again.statuses.len()), (partial, partial_statuses(&parts)));
        }
    }
}

/// The fields of updates about templates, numbers and accounts, together: each kind reads its own.
#[rustfmt::skip]
const ACCOUNT: [(&str, &str); 14] = [
    ("event", r#""ACCOUNT_RESTRICTION""#), ("message_template_id", "1689556908129832"),
    ("message_template_name", r#""welcome""#), ("message_template_language", r#""en-US""#),
    ("message_template_element", r#""Hi {{1}}""#), ("message_template_buttons", r#"[{"message_template_button_type":"URL"}]"#),
    ("new_quality_score", r#""RED""#), ("new_category", r#""UTILITY""#), ("display_phone_number", r#""551140000000""#),
    ("max_daily_conversations_per_business", "2000"), ("ban_info", r#"{"waba_ban_state":"DISABLE"}"#),
    ("restriction_info", r#"[{"restriction_type":"RESTRICTED_BIZ_INITIATED_MESSAGING","expiration":"1760000002"}]"#),
    ("waba_info", r#"{"waba_id":"9001"}"#), ("metadata", r#"{"phone_number_id":"1065"}"#),
];
/// The fields of a wish.
#[rustfmt::skip]
const WISH: [(&str, &str); 5] = [
    ("wa_id", r#""5511911110006""#), ("user_id", r#""BR.15""#), ("value", r#""stop""#), ("timestamp", "1760000002"),
    ("category", r#""marketing_messages""#),
];
const ACCOUNT_FIELDS: [&str; 7] = [
    "message_template_status_update",
    "message_template_quality_update",
    "template_category_update",
    "message_template_components_update",
    "phone_number_quality_update",
    "business_capability_update",
    "account_update",
];

fn of_account(entry: Option<&str>, name: &str, value: &str) -> String {
    let id = entry.map(|id| format!(r#""id":{id},"#)).unwrap_or_default();
    format!(r#"{{"entry":[{{{id}"time":1760000002,"changes":[{{"field":"{name}","value":{value}}}]}}]}}"#)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    #[test]
    fn each_update_about_an_account_is_read_or_kept(
        entry in value(r#""9001""#), name in select(&ACCOUNT_FIELDS[..]), update in element(&ACCOUNT)
    ) {
        let body = of_account(entry, name, &update);
        let read = Callback::read(body.as_bytes()).expect("one update");
        prop_assert!(read.account.len() <= 1 && read.unused == 0);
        let kept: String = UnreadPack::pack(&read.unread).into_iter().map(|pack| pack.callback).collect();
        prop_assert!(read.account.len() == 1 || kept.contains(&update), "{} is lost", body);
        let is_addressed = |update: &crate::whatsapp::AccountUpdate| update.number_id.is_some() || update.business_id.is_some();
        prop_assert!(read.account.iter().all(is_addressed));
    }

    #[test]
    fn each_wish_is_read_or_kept(entry in value(r#""9001""#), wishes in vec(element(&WISH), 0..5)) {
        let value = format!(r#"{{"user_preferences":[{}]}}"#, wishes.join(","));
        let body = of_account(entry, "user_preferences", &value);
        let read = Callback::read(body.as_bytes()).expect("a callback");
        let is_whole = read.account.len() + read.unread.len() == wishes.len() && read.unused == usize::from(wishes.is_empty());
        let kept: String = UnreadPack::pack(&read.unread).into_iter().map(|pack| pack.callback).collect();
        prop_assert!(is_whole || kept.contains(&value), "{} is lost", body);
        let is_kept = |wish: &&String| kept.contains(wish.as_str());
        prop_assert!(read.account.len() + wishes.iter().filter(is_kept).count() >= wishes.len(), "{} is lost", body);
    }
}
