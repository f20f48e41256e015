//! What of a callback is kept, because it cannot be read or is of a kind that is not known.

use crate::whatsapp::callback::MAX_UNREAD;
use crate::whatsapp::callback_change::MAX_UPDATES_PER_CALLBACK;
use crate::whatsapp::{Callback, UnreadPack, UnreadReason, UnreadUpdate};

fn read(body: &str) -> Callback {
    Callback::read(body.as_bytes()).expect("a callback")
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
            let value = format!(r#"{{"metadata":{{"phone_number_id":"1065"}},"statuses":[{status}],"{name}":{odd}}}"#);
            let callback = read(&format!(r#"{{"entry":[{}]}}"#, entry(&value)));
            assert_eq!((callback.statuses.len(), callback.unread.len()), (1, 1), "{value}");
            let kept = UnreadPack::pack(&callback.unread).remove(0);
            assert!(kept.callback.contains(&format!(r#""{name}":{odd}"#)), "{}", kept.callback);
            assert_eq!((kept.number_ids, read(&kept.callback).unread.len()), (vec!["1065".to_owned()], 1));
        }
    }
}

#[test]
fn a_list_of_a_name_that_is_not_known_is_kept_and_what_stands_beside_it_is_read() {
    let list = r#""requests":[{"MARK":1}]"#;
    let status = r#"{"id":"wamid.A","status":"read","biz_opaque_callback_data":"k.msg_1.1.mac"}"#;
    let value = format!(r#"{{"metadata":{{"phone_number_id":"1065"}},"statuses":[{status}],LIST3"none":[]}}"#);
    let change = format!(r#"{{"field":"messages",LIST2"value":{value}}}"#);
    let whole = format!(r#"{{"object":"x",LIST0"entry":[{{"id":"9001",LIST1"changes":[{change}]}}]}}"#);
    for place in 0..4 {
        let list = |at: usize| if at == place { format!("{list},") } else { String::new() };
        let body = (0..4).fold(whole.clone(), |body, at| body.replacen(&format!("LIST{at}"), &list(at), 1));
        let callback = read(&body);
        assert_eq!((callback.statuses.len(), callback.unread.len()), (1, 1), "{body}");
        let kept = UnreadPack::pack(&callback.unread).remove(0).callback;
        assert!(kept.contains("MARK") && !kept.contains("wamid"), "{kept}");
        assert_eq!((read(&kept).unread.len(), read(&kept).updates()), (1, 1), "{kept}");
    }
}

#[test]
fn what_stands_twice_is_kept_and_not_read() {
    let value = r#"{"metadata":{"phone_number_id":"1065"},"statuses":[{"status":"read"}]}"#;
    let change = format!(r#"{{"field":"messages","value":{value}}}"#);
    let twice = [
        format!(r#"{{"field":"messages","value":{value},"value":{value}}}"#),
        change.replacen(r#""statuses""#, r#""statuses":[],"statuses""#, 1),
        r#"{"field":"account_update","value":{"event":"ACCOUNT_DELETED","event":"ACCOUNT_VIOLATION"}}"#.to_owned(),
    ];
    for odd in &twice {
        let callback = read(&format!(r#"{{"entry":[{{"id":"9001","changes":[{odd},{change}]}}]}}"#));
        assert_eq!((callback.untagged, callback.unread.len(), callback.updates()), (1, 1, 2), "{odd}");
        assert!(UnreadPack::pack(&callback.unread)[0].callback.contains(odd.as_str()), "{odd}");
    }
    let callback =
        read(&format!(r#"{{"entry":[{{"id":"9001","changes":[{change}],"changes":[]}},{{"changes":[{change}]}}]}}"#));
    assert_eq!((callback.untagged, callback.unread.len()), (1, 1));
    let whole = format!(r#"{{"entry":[{{"changes":[{change}]}}],"entry":[]}}"#);
    assert_eq!(Callback::read(whole.as_bytes()).expect_err("two").callback, whole);
}

#[test]
fn more_than_whatsapp_sends_is_kept_whole() {
    let callback = |statuses: usize| {
        let statuses = vec!["5"; statuses].join(",");
        let value = format!(r#"{{"metadata":{{"phone_number_id":"1"}},"statuses":[{statuses}]}}"#);
        format!(r#"{{"entry":[{{"changes":[{{"value":{value}}}]}}]}}"#)
    };
    let kept = UnreadPack::pack(&read(&callback(MAX_UNREAD)).unread);
    assert!(kept.len() < 50 && kept.iter().all(|pack| pack.callback.len() < 200 * 1024), "{}", kept.len());
    let whole = callback(MAX_UNREAD + 1);
    let pack = Callback::read(whole.as_bytes()).expect_err("too many");
    assert_eq!(
        (pack.callback.as_str(), pack.reasons.as_slice()),
        (whole.as_str(), [UnreadReason::UnreadableCallback].as_slice())
    );
}

#[test]
fn several_parts_of_each_update_of_a_full_callback_are_kept_beside_what_is_read() {
    let message = |id: usize| {
        format!(
            r#"{{"field":"messages","value":{{"metadata":{{"phone_number_id":"1"}},"contacts":[5],"statuses":[5,{{"id":"wamid.{id}","status":"sent","timestamp":"1"}}]}}}}"#
        )
    };
    let changes: Vec<String> = (0..MAX_UPDATES_PER_CALLBACK).map(message).collect();
    let callback = read(&format!(r#"{{"entry":[{{"id":"1","changes":[{}]}}]}}"#, changes.join(",")));
    assert_eq!((callback.untagged, callback.unread.len()), (MAX_UPDATES_PER_CALLBACK, 2 * MAX_UPDATES_PER_CALLBACK));
    assert!(UnreadPack::pack(&callback.unread).iter().all(|pack| pack.callback.len() < 200 * 1024));
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

/// Elements of a list that is longer than what can be kept.
fn a_thousand_elements() -> Vec<String> {
    (0..1_000).map(|mark| format!(r#"{{"mark":{mark},"text":"{}"}}"#, "x".repeat(300))).collect()
}

/// What is kept of a callback with one change.
fn kept_of(field: &str, value: &str) -> Vec<String> {
    let callback = read(&format!(
        r#"{{"entry":[{{"id":"9001","time":1760000002,"changes":[{{"field":"{field}","value":{value}}}]}}]}}"#
    ));
    UnreadPack::pack(&callback.unread).into_iter().map(|pack| pack.callback).collect()
}

#[test]
fn what_is_kept_says_whom_it_is_about() {
    let of = |part: &str| kept_of("messages", &format!(r#"{{{part},"messages":[{{"type":"text"}}]}}"#)).remove(0);
    for name in [r#""metadata":{"whatsapp_account_id":"1"}"#, r#""metadata":{"phone_number_id":1}"#, r#""poll_id":"1""#]
    {
        assert!(of(name).contains(name), "{name}: {}", of(name));
    }
    let full = format!(r#""contacts":[{}],"metadata":{{"phone_number_id":"1065"}}"#, vec!["{}"; 2_700].join(","));
    assert!(of(&full).contains("1065"), "also beside more than is kept");
    let beside = |entry: &str, change: &str| {
        let value = r#"{"metadata":{"phone_number_id":"1065"},"statuses":[]}"#;
        let change = format!(r#"{{"field":"messages",{change}"value":{value}}}"#);
        let callback = read(&format!(r#"{{"entry":[{{"id":"9001",{entry}"changes":[{change}]}}]}}"#));
        UnreadPack::pack(&callback.unread).remove(0)
    };
    let kept = beside("", r#""presence":[1],"#);
    assert!(kept.callback.contains(r#""id":"9001""#) && kept.callback.contains(r#""field":"messages""#), "{kept:?}");
    assert_eq!(kept.number_ids, ["1065"]);
    assert!(beside(r#""presence":[1],"#, "").callback.contains(r#""id":"9001""#));
}

#[test]
fn lists_beside_what_is_said_of_an_account_are_kept() {
    let wish = r#"{"wa_id":"5511911110006","category":"marketing_messages","value":"stop"}"#;
    for (field, value) in [
        ("user_preferences", format!(r#"{{"user_preferences":[{wish}],"messages":["MARK"]}}"#)),
        ("account_update", r#"{"event":"ACCOUNT_VIOLATION","requests":["MARK"]}"#.to_owned()),
    ] {
        let kept = kept_of(field, &value).concat();
        assert!(kept.contains("MARK") && kept.contains(field), "{kept}");
        let body = format!(
            r#"{{"entry":[{{"id":"9001","time":1760000002,"changes":[{{"field":"{field}","value":{value}}}]}}]}}"#
        );
        let ids = |body: &str| read(body).account.into_iter().map(|update| update.id).collect::<Vec<_>>();
        assert_eq!((ids(&body).len(), ids(&body)), (1, ids(&kept)), "a replay of it is a repeat");
    }
}

#[test]
fn what_stands_beside_a_value_without_known_lists_loses_nothing() {
    let contacts = format!(r#"[{}]"#, vec![r#"{"wa_id":"5511911110006"}"#; 600].join(","));
    for value in [r#"{"polls":[2],"messages":{"a":3}}"#, &format!(r#"{{"contacts":{contacts}}}"#)] {
        let change = format!(r#"{{"field":"messages","presence":[1],"value":{value}}}"#);
        let callback = read(&format!(r#"{{"entry":[{{"changes":[{change}]}}]}}"#));
        assert!(UnreadPack::pack(&callback.unread)[0].callback.contains(&change), "{change}");
    }
}

#[test]
fn an_element_that_cannot_be_read_is_kept_without_the_others() {
    let wish = r#"{"wa_id":"5511911110006","category":"marketing_messages","value":"stop"}"#;
    let snooze = wish.replace("stop", "snooze");
    let kept = kept_of("user_preferences", &format!(r#"{{"user_preferences":[{wish},{snooze}]}}"#)).concat();
    assert!(kept.contains("snooze") && !kept.contains("stop"), "{kept}");
    let text = r#"{"from":"5511911110001","id":"wamid.A","type":"text","text":{"body":"hi"}}"#;
    let value = format!(r#"{{"metadata":{{"phone_number_id":"1065"}},"messages":[{text}],"errors":[null]}}"#);
    let kept = kept_of("messages", &value).concat();
    assert!(kept.contains(r#""errors":[null]"#) && !kept.contains("wamid"), "{kept}");
}

#[test]
fn a_list_that_is_longer_than_what_can_be_kept_is_kept_in_parts() {
    let elements = a_thousand_elements();
    let list = format!(r#"{{"metadata":{{"phone_number_id":"1065"}},"votes":[{}],"statuses":[]}}"#, elements.join(","));
    for field in ["messages", "votes"] {
        let kept = kept_of(field, &list);
        assert!(kept.len() > 2 && kept.iter().all(|pack| pack.len() < 200 * 1024), "{}", kept.len());
        assert!(elements.iter().all(|element| kept.iter().any(|pack| pack.contains(element.as_str()))), "{field}");
        assert!(kept.iter().all(|pack| pack.contains(field) && read(pack).unread.len() == 1), "{field}");
    }
}

#[test]
fn a_change_that_is_too_large_to_be_kept_whole_is_kept_in_parts() {
    let elements = a_thousand_elements();
    let list = elements.join(",");
    let wish = r#"{"wa_id":"5511911110006","category":"marketing_messages","value":"stop"}"#;
    let text = "y".repeat(100 * 1024);
    let long = "f".repeat(70);
    for change in [
        format!(r#"{{"field":"messages","value":{{"polls":[{list}],"essay":"{text}"}}}}"#),
        format!(r#"{{"field":"messages","value":{{"polls":[{list}],"messages":null}}}}"#),
        format!(r#"{{"field":"calls","value":{{"calls_v2":[{list}]}}}}"#),
        format!(r#"{{"field":"user_preferences","value":{{"user_preferences":[{wish}],"extra":[{list}]}}}}"#),
        format!(r#"{{"field":"polls","value":[{list}]}}"#),
        format!(r#"{{"field":"messages","value":[{list}]}}"#),
        format!(r#"{{"field":"{long}","value":{{"polls":[{list}]}},"extra":["{text}"]}}"#),
    ] {
        let callback = read(&format!(r#"{{"entry":[{{"id":"9001","changes":[{change}]}}]}}"#));
        let kept: Vec<_> = UnreadPack::pack(&callback.unread).into_iter().map(|pack| pack.callback).collect();
        let name = &change[..40];
        assert!(kept.len() > 1 && kept.iter().all(|pack| pack.len() < 256 * 1024), "{name}: {}", kept.len());
        assert!(elements.iter().all(|element| kept.iter().any(|pack| pack.contains(element.as_str()))), "{name}");
        assert!(!change.contains(&text) || kept.iter().any(|pack| pack.contains(&text)), "{name}");
        assert!(kept.iter().all(|pack| read(pack).updates() > 0), "{name}");
    }
    let callback = read(&format!(r#"{{"entry":[{{"id":"9001","presence":[{list}]}}]}}"#));
    assert!(callback.unread.len() > 1, "and an entry");
}

#[test]
fn a_message_that_is_read_and_kept_uses_its_quota_once() {
    let text = r#"{"from":"5511911110001","id":"wamid.A","type":"text","text":{"body":"hi"},"payment":{"amount":1}}"#;
    let value = format!(r#"{{"metadata":{{"phone_number_id":"1065"}},"messages":[{text},5]}}"#);
    let callback = read(&format!(r#"{{"entry":[{{"changes":[{{"field":"messages","value":{value}}}]}}]}}"#));
    let of_kept = |is_of_own_app| -> Vec<_> { callback.unread.iter().map(|it| it.kilobytes(is_of_own_app)).collect() };
    assert_eq!((callback.received[0].kilobytes(), of_kept(false)), (1, vec![0, 1]));
    assert_eq!(of_kept(true), [1, 1], "but not of a customer's own app");
}

#[test]
fn what_a_status_or_a_contact_has_under_an_unknown_name_is_kept_and_the_rest_is_read() {
    let status = |id: &str, more: &str| {
        format!(
            r#"{{"id":"{id}","status":"sent","biz_opaque_callback_data":"k.msg_1.1.mac","recipient_user_id":"BR.1"{more}}}"#
        )
    };
    let known = r#","errors":[{"code":1}],"pricing":{"cost":{"amount":1}},"conversation":{"origin":{"type":"service"}},"new":"x","empty":{}"#;
    let odd = status("wamid.ODD", r#","payment":{"amount":1}"#);
    let whole = |number: usize| {
        let statuses = [vec![status("wamid.A", known)], vec![odd.clone(); number]].concat().join(",");
        let contacts =
            [r#"{"user_id":"BR.1","profile":{"name":"Ana"},"new":"x"}"#, r#"{"user_id":"BR.2","badges":["gold"]}"#];
        let contacts = contacts.join(",");
        format!(r#"{{"metadata":{{"phone_number_id":"1065"}},"contacts":[{contacts}],"statuses":[{statuses}]}}"#)
    };
    let body = |value: &str| format!(r#"{{"entry":[{{"changes":[{{"field":"messages","value":{value}}}]}}]}}"#);
    let callback = read(&body(&whole(1)));
    let reasons: Vec<_> = callback.unread.iter().map(|update| update.reason).collect();
    assert_eq!(
        (callback.statuses.len(), reasons),
        (2, vec![UnreadReason::UnreadableChange, UnreadReason::UnreadableStatus])
    );
    let kept_of_one = |update: &UnreadUpdate| UnreadPack::pack(std::slice::from_ref(update)).remove(0).callback;
    let kept: Vec<_> = callback.unread.iter().map(kept_of_one).collect();
    assert!(kept[0].contains(r#""contacts":[{"user_id":"BR.2","badges":["gold"]}]"#), "{}", kept[0]);
    assert!(kept[1].contains(&format!(r#""statuses":[{odd}]"#)), "{}", kept[1]);
    for part in &kept {
        assert!(read(part).unread.iter().any(|update| kept_of_one(update) == *part), "a replay keeps it: {part}");
    }
    let many = read(&body(&whole(MAX_UPDATES_PER_CALLBACK - 1)));
    assert!(many.statuses.len() == MAX_UPDATES_PER_CALLBACK && many.unread.len() < 5, "no status is lost among them");
}

#[test]
fn new_components_of_a_template_end_its_copy_and_are_kept_when_they_cannot_be_read() {
    let of = |value: &str| {
        let change = format!(r#"{{"field":"message_template_components_update","value":{value}}}"#);
        read(&format!(r#"{{"entry":[{{"id":"9001","time":1760000002,"changes":[{change}]}}]}}"#))
    };
    let which = r#""message_template_id":7,"message_template_name":"order""#;
    let button = r#"{"message_template_button_type":"URL"}"#;
    let known = of(&format!(r#"{{{which},"message_template_element":"Hi","message_template_buttons":[{button}]}}"#));
    assert_eq!((known.account.len(), known.unread.len(), known.unused), (1, 0, 0));
    let odd = of(&format!(r#"{{{which},"message_template_elements":["Hi"]}}"#));
    assert_eq!((odd.account.len(), odd.unread.len()), (1, 1), "its copy is old, whatever it says");
    let nameless = of(r#"{"message_template_id":7,"message_template_element":"Hi"}"#);
    assert_eq!((nameless.account.len(), nameless.unread.len()), (0, 1));
}

#[test]
fn changes_of_user_ids_are_read_alone_or_in_a_list_and_kept_if_they_are_odd() {
    let of = |value: &str| {
        let value = format!(r#"{{"metadata":{{"phone_number_id":"1065"}},{value}}}"#);
        read(&format!(r#"{{"entry":[{{"id":"9001","changes":[{{"field":"user_id_update","value":{value}}}]}}]}}"#))
    };
    let change = r#""wa_id":"5511911110001","user_id":{"previous":"BR.1","current":"BR.2"}"#;
    let odd = r#""user_id":{"current":"BR.2"}"#;
    for (value, read, kept) in [
        (change.to_owned(), 1, 0),
        (format!(r#""user_id_update":[{{{change}}},{{{odd}}},5]"#), 1, 2),
        (format!(r#""user_id_update":[{{{change}}}],"contacts":[{{"user_id":"BR.2"}}]"#), 1, 0),
        (odd.to_owned(), 0, 1),
        (format!(r#""user_id_update":{{{change}}}"#), 0, 1),
        (format!(r#"{change},"reasons":["moved"]"#), 0, 1),
    ] {
        let callback = of(&value);
        assert_eq!((callback.account.len(), callback.unread.len(), callback.unused), (read, kept, 0), "{value}");
    }
}
