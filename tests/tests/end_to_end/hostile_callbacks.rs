//! Callbacks of somebody hostile: a stranger without a signature, or a customer who signs what he likes with his own app
//! secret. Nobody else notices.

use aws_lc_rs::hmac;
use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::ids::MessageId;
use shared::message::{Content, Message};
use tests::process::peak_memory;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;
use crate::callbacks::Callbacks;

/// The number of the demo customer.
const NUMBER: &str = "106540352242922";
const SENDER: &str = "5511900000009";
/// How much a process may grow while it reads a callback, in kilobytes: `receive` has 256 MB in all.
const LITTLE: u64 = 100 * 1024;
/// The simulator accepts this recipient's messages and reports nothing of them.
const NEVER_REPORTED: &str = "15550100012";
const OWN_SECRET: &[u8] = b"the secret of another app";

/// A change of a callback about a number.
fn change(number_id: &str, what: &str, updates: &[Value]) -> Value {
    let metadata = json!({ "display_phone_number": "551140000000", "phone_number_id": number_id });
    let mut value = json!({ "messaging_product": "whatsapp", "metadata": metadata });
    value[what] = json!(updates);
    json!({ "field": "messages", "value": value })
}

fn callback(changes: &[Value]) -> String {
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": changes }] }).to_string()
}

fn text(id: &str, timestamp: &str, body: &str) -> Value {
    json!({ "from": SENDER, "id": id, "timestamp": timestamp, "type": "text", "text": { "body": body } })
}

fn own_signature(body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, OWN_SECRET);
    format!("sha256={}", hex::encode(hmac::sign(&key, body.as_bytes())))
}

/// Connects another instance of the customer, with the secret of an app of his own.
async fn connect(stack: &TestStack, number_id: &str) -> Value {
    let (_, created) = stack.call("POST /v1/instances", json!({ "name": "Of another app" })).await;
    let instance = created["data"]["id"].clone();
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": number_id,
        "accessToken": "EAAG-theirs", "appSecret": String::from_utf8_lossy(OWN_SECRET) });
    let path = format!("POST /v1/instances/{}/connect", instance.as_str().expect("an id"));
    assert_eq!(stack.call(&path, connect).await.0, 200);
    instance
}

/// The inbound messages of the customer, newest first.
async fn history(stack: &TestStack) -> Vec<Value> {
    let path = format!("GET /v1/messages?instanceId=inst_abc123&phone={SENDER}");
    let (status, page) = stack.call(&path, Value::Null).await;
    assert_eq!(status, 200, "{page}");
    page["data"].as_array().expect("rows").clone()
}

fn memory_of_receive(stack: &TestStack) -> u64 {
    let pids = stack.stack.functions["receive"].pids().borrow().clone();
    pids.into_iter().map(peak_memory).max().expect("a process")
}

#[tokio::test]
async fn a_message_with_an_absurd_time_or_length_is_stored_within_bounds_and_published() {
    let stack = TestStack::start(PROGRAM).await;
    let times = ["-99999999999999", "99999999999999999", "-1", "0", "9223372036854775807", "1e9", ""];
    let mut messages: Vec<Value> =
        times.iter().enumerate().map(|(number, time)| text(&format!("wamid.T{number}"), time, "hi")).collect();
    messages.push(text("wamid.Long", "1760000002", &"\"".repeat(390_000)));
    messages.push(text(&format!("wamid.{}", "9".repeat(3_000)), "1760000002", "an id that no message has"));
    messages.push(json!({ "from": SENDER, "id": "wamid.Kind", "type": "k".repeat(100_000) }));
    messages.push(text("wamid.Good", "1760000002", "after them"));
    let mut change = change(NUMBER, "messages", &messages);
    change["value"]["contacts"] = json!([{ "wa_id": SENDER, "profile": { "name": "A".repeat(100_000) } }]);
    assert_eq!(stack.post_callback(&callback(&[change]), None).await, 200);
    let rows = history(&stack).await;
    assert_eq!(rows.len(), times.len() + 2, "the two without an id or a type that could be WhatsApp's are not stored");
    for row in rows {
        let published = stack.webhook.wait_for(row["messageId"].as_str().expect("an id"), "message.received").await;
        let data = &published.json["data"];
        let time: Timestamp = data["timestamp"].as_str().and_then(|text| text.parse().ok()).expect("a time");
        assert!((1_760_000_002..=stack.now().secs()).contains(&time.secs()), "{time}");
        assert!(data["content"].as_str().is_some_and(|text| text.len() <= 65_536), "{data}");
        assert!(data["contactName"].as_str().is_some_and(|name| name.len() <= 1_000), "{data}");
    }
}

#[tokio::test]
async fn a_status_with_an_absurd_time_or_length_is_stored_within_bounds_and_published() {
    let stack = TestStack::start(PROGRAM).await;
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    let mut failed = callbacks.status("failed");
    failed["timestamp"] = json!("-99999999999999");
    failed["errors"] = json!([{ "code": 131_026, "title": "\"".repeat(380_000) }]);
    assert_eq!(callbacks.report(&[failed]).await, 200);
    let published = stack.webhook.wait_for(id.as_str(), "message.failed").await;
    let data = &published.json["data"];
    let time: Timestamp = data["timestamp"].as_str().and_then(|text| text.parse().ok()).expect("a time");
    assert!(time <= stack.now() && time.secs() > 1_700_000_000, "{data}");
    assert!(data["error"]["message"].as_str().is_some_and(|text| text.len() <= 1_024), "{data}");
    let mut sent = callbacks.status("delivered");
    sent["id"] = json!("w".repeat(3_000));
    assert_eq!(callbacks.report(&[sent]).await, 200);
    assert_eq!(stack.status(&id).await["status"], "delivered");
    let provider_id = stack.record(&id).await.provider_id;
    assert_eq!(provider_id.as_deref(), Some("wamid.T"), "no message of WhatsApp's has an id of that length");
}

#[tokio::test]
async fn a_record_that_can_never_be_published_is_put_aside_at_once_and_delays_no_other() {
    let stack = TestStack::start(PROGRAM).await;
    let first = callback(&[change(NUMBER, "messages", &[text("wamid.First", "1760000002", "hi")])]);
    assert_eq!(stack.post_callback(&first, None).await, 200);
    let id = history(&stack).await[0]["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let template = stack.record(&id).await;
    // This endpoint was never called: its events go through the queue.
    let second = WebhookReceiver::start().await;
    stack.register(&second).await;
    // As an earlier version stored them.
    let content = Content::Text { body: "\"".repeat(390_000), no_preview: false };
    let large = Message { id: MessageId::generate(), content, ..template.clone() };
    let time = Some(Timestamp::from_secs(-99_999_999_999_999));
    let odd = Message { id: MessageId::generate(), received_at: time, ..template };
    for message in [&large, &odd] {
        stack.messages.insert(message).await.expect("the table takes it");
    }
    let aside = eventually("what was put aside", || async {
        let request = stack.stack.clients.sqs.receive_message().queue_url(stack.queue_url("UnreadableRecords"));
        request.send().await.expect("the queue answers").messages?.pop()
    })
    .await;
    let body: Value = serde_json::from_str(aside.body().expect("a body")).expect("JSON");
    assert_eq!(body["keys"], json!({ "id": { "S": large.id } }));
    let published = second.wait_for(odd.id.as_str(), "message.received").await;
    assert_eq!(published.json["timestamp"], "0000-01-01T00:00:00.000Z");
    let last = callback(&[change(NUMBER, "messages", &[text("wamid.Last", "1760000003", "hi")])]);
    assert_eq!(stack.post_callback(&last, None).await, 200);
    second.wait_for_calls(2).await;
    let counted = || async { stack.logs().contains("StreamRecordsUnreadable").then_some(()) };
    eventually("the record to be counted", counted).await;
}

#[tokio::test]
async fn an_unsigned_body_is_refused_before_it_is_read() {
    let stack = TestStack::start(PROGRAM).await;
    assert_eq!(stack.post_callback("{}", Some("sha256=00")).await, 401, "starts the process");
    let before = memory_of_receive(&stack);
    // Deep lists of small objects take the most memory when they are parsed.
    let deep = |bytes: usize| format!(r#"{{"entry":[{}0]}}"#, r#"{"":[0]},"#.repeat(bytes / 9));
    let unsigned = format!("sha256={}", "0".repeat(64));
    assert_eq!(stack.post_callback(&deep(3_000_000), Some(&unsigned)).await, 401);
    assert_eq!(stack.post_callback(&deep(3_000_000), Some("")).await, 401);
    let messages = format!("[{}]", r#"{"a":{"b":{}}},"#.repeat(200_000).trim_end_matches(','));
    let metadata = format!(r#"{{"phone_number_id":"{NUMBER}"}}"#);
    let value = format!(r#"{{"metadata":{metadata},"messages":{messages}}}"#);
    let large = format!(r#"{{"entry":[{{"changes":[{{"value":{value}}}]}}]}}"#);
    assert_eq!(stack.post_callback(&large, Some(&unsigned)).await, 401);
    let after = memory_of_receive(&stack);
    assert!(after < before + LITTLE, "{before} kB before, {after} kB after");
    assert_eq!(stack.post_callback(&"[".repeat(5_800_000), Some(&unsigned)).await, 413);
    let after = memory_of_receive(&stack);
    assert!(after < before + LITTLE, "{before} kB before, {after} kB after");
}

#[tokio::test]
async fn a_stranger_causes_no_error_and_no_alarm_but_about_a_silent_number() {
    let stack = TestStack::start(PROGRAM).await;
    let forged = format!("sha256={}", "0".repeat(64));
    let ids = ["1".repeat(3_000), String::new(), "ü".to_owned(), "1/2".to_owned(), "424242".to_owned()];
    for id in &ids {
        let body = callback(&[change(id, "statuses", &[json!({ "id": "wamid.X", "status": "read" })])]);
        assert_eq!(stack.post_callback(&body, Some(&forged)).await, 401, "{id:?}");
    }
    let many: Vec<Value> = (0..5_000).map(|id| change(&id.to_string(), "statuses", &[])).collect();
    assert_eq!(stack.post_callback(&callback(&many), Some(&forged)).await, 401);
    let quiet = |logs: &str| !logs.contains("CallbacksForged") && !logs.contains("callback.verification_failed");
    assert!(quiet(&stack.logs()), "{}", stack.logs());
    let known = callback(&[change(NUMBER, "statuses", &[])]);
    assert_eq!(stack.post_callback(&known, Some(&forged)).await, 401);
    let counted = || async { stack.logs().contains("CallbacksForged").then_some(()) };
    eventually("a forged callback about a connected number to be counted", counted).await;
    let told = || async { stack.logs().contains("Attention").then_some(()) };
    eventually("somebody to be told, since the number has had no other callback", told).await;
}

#[tokio::test]
async fn forgeries_about_a_number_whose_callbacks_come_tell_nobody() {
    let stack = TestStack::start(PROGRAM).await;
    let forged = format!("sha256={}", "0".repeat(64));
    let real = callback(&[change(NUMBER, "messages", &[text("wamid.1", "1760000002", "hello")])]);
    assert_eq!(stack.post_callback(&real, None).await, 200);
    assert_eq!(stack.post_callback(&callback(&[change(NUMBER, "statuses", &[])]), Some(&forged)).await, 401);
    let counted = || async { stack.logs().contains("CallbacksForged").then_some(()) };
    eventually("the forgery to be counted", counted).await;
    assert!(!stack.logs().contains("Attention"), "{}", stack.logs());
}

#[tokio::test]
async fn what_is_about_others_is_logged_once_a_minute() {
    let stack = TestStack::start(PROGRAM).await;
    let foreign: Vec<Value> =
        (0..50).map(|_| json!({ "status": "read", "biz_opaque_callback_data": "of another system" })).collect();
    let texts: Vec<Value> = (0..50).map(|n| text(&format!("wamid.{n}"), "1760000002", "hello")).collect();
    let body = callback(&[change(NUMBER, "statuses", &foreign), change("999", "messages", &texts)]);
    assert_eq!(stack.post_callback(&body, None).await, 200);
    let forged = format!("sha256={}", "0".repeat(64));
    assert_eq!(stack.post_callback(&callback(&[change(NUMBER, "statuses", &[])]), Some(&forged)).await, 401);
    let logged = || async { stack.logs().contains("callback.signature_invalid").then_some(()) };
    eventually("a later line", logged).await;
    for event in ["callback.untagged", "callback.number_unknown"] {
        let lines = stack.logs().matches(event).count();
        assert!((1..=2).contains(&lines), "{event} has {lines} lines in at most two minutes");
    }
}

#[tokio::test]
async fn a_customers_own_signature_covers_his_numbers_only_and_takes_little_memory() {
    let stack = TestStack::start(PROGRAM).await;
    let (one, two) = (connect(&stack, "2001").await, connect(&stack, "2002").await);
    let message = |number: &str| change(number, "messages", &[text(&format!("wamid.{number}"), "1760000002", "hi")]);
    // The first number is connected elsewhere, and the last is another customer's.
    let body = callback(&["424242", "2001", "2002", NUMBER].map(message));
    assert_eq!(stack.post_callback(&body, Some(&own_signature(&body))).await, 200);
    for instance in [one, two] {
        let path = format!("GET /v1/messages?instanceId={}", instance.as_str().expect("an id"));
        let (_, page) = stack.call(&path, Value::Null).await;
        assert_eq!(page["data"].as_array().map(Vec::len), Some(1), "{page}");
    }
    assert!(history(&stack).await.is_empty());
    let untagged = vec![json!({ "status": "read" }); 1_001];
    let flood = callback(&[change("2001", "statuses", &untagged)]);
    assert_eq!(stack.post_callback(&flood, Some(&own_signature(&flood))).await, 413, "WhatsApp sends 1,000 at most");
    let before = memory_of_receive(&stack);
    for (what, small) in [("location", r#"{"":[0]},"#), ("contacts", r#"{"a":{}},"#)] {
        let object = format!("[{}0]", small.repeat(2_900_000 / small.len()));
        let message = format!(r#"{{"from":"{SENDER}","id":"wamid.{what}","type":"{what}","{what}":{object}}}"#);
        let value = format!(r#"{{"metadata":{{"phone_number_id":"2001"}},"messages":[{message}]}}"#);
        let body = format!(r#"{{"entry":[{{"changes":[{{"value":{value}}}]}}]}}"#);
        let status = stack.post_callback(&body, Some(&own_signature(&body))).await;
        assert_eq!(status, 500, "{what}: too large to be kept, so it is not acknowledged");
    }
    let after = memory_of_receive(&stack);
    assert!(after < before + LITTLE, "{before} kB before, {after} kB after");
}

#[tokio::test]
async fn a_failure_that_only_the_customers_own_app_reports_is_not_refunded_unless_that_app_is_trusted() {
    let stack = TestStack::start(PROGRAM).await;
    let account = &stack.customer.account_id;
    let instance = connect(&stack, "2001").await;
    let mut expected = stack.ledger(account).await.credits;
    for (trusts, cost) in [(false, 1), (true, 0)] {
        let trust = json!({ "trustOwnApp": trusts });
        let (status, changed) = stack.operate(&format!("PATCH /v1/admin/accounts/{account}"), trust).await;
        assert_eq!((status, &changed["data"]["trustOwnApp"]), (200, &json!(trusts)));
        let id = stack.send(json!({ "instanceId": instance, "to": NEVER_REPORTED, "message": "hello" })).await;
        stack.wait_for_status(&id, "sent").await;
        let taken = stack.whatsapp().ledger().taken();
        let tag = &taken.last().expect("the message").message["biz_opaque_callback_data"];
        let failed = json!({ "id": "wamid.T", "status": "failed", "timestamp": "1760000002",
            "biz_opaque_callback_data": tag, "errors": [{ "code": 131_026, "title": "Undeliverable" }] });
        let body = callback(&[change("2001", "statuses", &[failed])]);
        for _ in 0..2 {
            assert_eq!(stack.post_callback(&body, Some(&own_signature(&body))).await, 200);
        }
        assert_eq!(stack.status(&id).await["status"], "failed", "its status it may change");
        expected -= cost;
        assert_eq!(stack.ledger(account).await.credits, expected, "trusted: {trusts}");
    }
}
