//! Callbacks of valid pieces, in any order, with fields removed or of another type: each update is read, counted or kept.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::message::Content;
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
        let read_or_kept = read.statuses.len() + read.received.len() + read.untagged + read.unread.len();
        prop_assert_eq!(read_or_kept, count + partial, "a message that is read in part is kept as well");
        let kept: String = UnreadPack::pack(&read.unread).into_iter().map(|pack| pack.callback).collect();
        let stored = read.received.iter().map(|message| received_content(&message.kind, message.object.as_deref()));
        let texts: Vec<String> =
            stored.filter_map(|content| if let Content::Text { body } = content { Some(body) } else { None }).collect();
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
            prop_assert_eq!((again.received.len(), again.statuses.len()), (partial, 0));
        }
    }
}
