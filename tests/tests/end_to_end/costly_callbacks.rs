//! Callbacks that are made to cost more than their bytes: time before anybody has signed them, or memory when a customer's own
//! app has.

use serde_json::{Value, json};
use tests::process::peak_memory;
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::account_callbacks::{Tenant, own};

/// How much `receive` may grow while it reads a callback, in kilobytes: it has 256 MB in all.
const LITTLE: u64 = 100 * 1024;
/// WhatsApp's id of the tenant's number.
const NUMBER: &str = "2001";

fn memory_of_receive(stack: &TestStack) -> u64 {
    let pids = stack.stack.functions["receive"].pids().borrow().clone();
    pids.into_iter().map(peak_memory).max().expect("a process")
}

/// `count` repeats of an element, as a list.
fn list(element: &str, count: usize) -> String {
    format!("[{}]", vec![element; count].join(","))
}

fn callback(entries: &[String]) -> String {
    format!(r#"{{"entry":[{}]}}"#, entries.join(","))
}

fn entry(id: &str, changes: &str) -> String {
    format!(r#"{{"id":"{id}","changes":{changes}}}"#)
}

/// An entry about the tenant's number.
fn readable() -> String {
    let message = json!({ "from": "5511900000009", "id": "wamid.Good", "timestamp": "1760000002", "type": "text",
        "text": { "body": "hi" } });
    let value = json!({ "metadata": { "phone_number_id": NUMBER }, "messages": [message] });
    json!({ "id": "9001", "changes": [{ "field": "messages", "value": value }] }).to_string()
}

#[tokio::test]
async fn a_stranger_s_entry_with_an_endless_id_costs_no_more_than_its_bytes() {
    let stack = TestStack::start(PROGRAM).await;
    let forged = format!("sha256={}", "0".repeat(64));
    for id in ["7".repeat(1_500_000), "\\ud83d".repeat(250_000)] {
        let body = callback(&[entry(&id, &list("5", 300_000))]);
        assert_eq!(stack.post_callback(&body, Some(&forged)).await, 401);
    }
}

#[tokio::test]
async fn an_entry_with_an_endless_id_is_not_kept_with_each_of_its_changes() {
    let stack = TestStack::start(PROGRAM).await;
    let tenant = Tenant::new(&stack, NUMBER, "9001", true).await;
    let before = memory_of_receive(&stack);
    let unknown = list(r#"{"field":"new","value":{}}"#, 900);
    let body = callback(&[readable(), entry(&"7".repeat(1_500_000), &unknown)]);
    assert_eq!(own(&stack, &body).await, 200);
    let after = memory_of_receive(&stack);
    assert!(after < before + LITTLE, "{before} kB before, {after} kB after");
    let path = format!("GET /v1/messages?instanceId={}", tenant.instance);
    let (_, page) = stack.call_as(&tenant.key, &path, Value::Null).await;
    assert_eq!(page["data"][0]["providerId"], "wamid.Good");
    let (_, kept) = stack.operate("GET /v1/admin/callbacks", Value::Null).await;
    assert_eq!(kept["data"].as_array().map(Vec::len), Some(1), "{kept}");
}

#[tokio::test]
async fn more_updates_than_whatsapp_sends_are_refused_before_they_take_memory() {
    let stack = TestStack::start(PROGRAM).await;
    Tenant::new(&stack, NUMBER, "9001", true).await;
    let before = memory_of_receive(&stack);
    let of_number = |name: &str, element: &str| {
        let list = list(element, 3_900_000 / (element.len() + 1));
        let value = format!(r#"{{"metadata":{{"phone_number_id":"{NUMBER}"}},"{name}":{list}}}"#);
        entry("9001", &format!(r#"[{{"field":"messages","value":{value}}}]"#))
    };
    // Each wish would be kept with these people, if its account were not connected.
    let people = list(r#"{"wa_id":"5511900000009"}"#, 250);
    let wishes = list(r#"{"value":"stop","wa_id":"5511900000009"}"#, 60_000);
    let value = format!(r#"{{"contacts":{people},"user_preferences":{wishes}}}"#);
    let of_account = entry("9001", &format!(r#"[{{"field":"user_preferences","value":{value}}}]"#));
    let many = [
        of_number("errors", r#"{"code":1}"#),
        of_number("messages", r#"{"from":"1000000","id":"a","type":"x"}"#),
        of_number("statuses", r#"{"status":"sent","biz_opaque_callback_data":"t"}"#),
        of_number("statuses", "5"),
        of_account,
        entry("9001", &list("5", 300_000)),
    ];
    for (place, entry) in many.into_iter().enumerate() {
        assert_eq!(own(&stack, &callback(&[readable(), entry])).await, 413, "{place}");
        let after = memory_of_receive(&stack);
        assert!(after < before + LITTLE, "{place}: {before} kB before, {after} kB after");
    }
}
