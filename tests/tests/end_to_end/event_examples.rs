//! `docs/events.json` has the body of each event as the stack publishes it. The API reference and docs/webhooks.md show it.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use local::dev_stack::seed::BUSINESS;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::webhook::{EVENTS, LISTED_EVENTS, OPERATOR_EVENTS};
use tests::people::NUMBER;
use tests::test_stack::TestStack;
use tests::uploads::PNG;
use tests::wait::eventually;
use tests::webhook_receiver::{Call, WebhookReceiver};

use crate::PROGRAM;
use crate::account_callbacks::{callback, event, template};
use crate::batches::{send as send_batch, wait_until_complete};

/// A recipient to whom nothing can be delivered.
const FAILS: &str = "1555131047";
/// A person who writes.
const PHONE: &str = "5511988887777";

/// Ids, addresses and times that differ each time, and what stands for them in the examples.
fn example_of(text: &str) -> String {
    let prefixes = [
        ("msg_", "msg_xyz789"),
        ("media_", "media_abc123"),
        ("batch_", "batch_abc123"),
        ("wh_", "wh_xyz789"),
        ("evt_", "evt_xyz789"),
        ("wamid.", "wamid.HBgNNTUxMTk5OTk5OTk5ORUCABEYEg"),
        ("http://127.0.0.1:", "https://example.com/webhook"),
    ];
    if let Some((_, example)) = prefixes.into_iter().find(|(prefix, _)| text.starts_with(prefix)) {
        return example.to_owned();
    }
    let is_time = text.len() == 24 && text.starts_with("20") && text.ends_with('Z');
    let is_sequence = text.find('#') == Some(13);
    match text {
        _ if is_time => "2026-02-03T12:00:00.000Z".to_owned(),
        _ if is_sequence => "1770120000000#msg_xyz789".to_owned(),
        _ => text.to_owned(),
    }
}

/// A body with its texts as examples have them. None has a quotation mark in a text.
fn as_example(body: &str) -> String {
    let parts = body.split('"').enumerate();
    let parts: Vec<String> =
        parts.map(|(at, part)| if at % 2 == 1 { example_of(part) } else { part.to_owned() }).collect();
    parts.join("\"")
}

/// Has something happen for each event that a customer can get.
async fn cause_all(stack: &TestStack, webhook: &WebhookReceiver) {
    let reason = json!({ "reason": "The shop moves" });
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/disconnect", reason).await.0, 200);
    event(webhook, "instance.disconnected").await;
    let credentials =
        json!({ "method": "official", "businessId": BUSINESS, "phoneNumberId": NUMBER, "accessToken": "EAAG-token" });
    assert_eq!(stack.call("POST /v1/instances/inst_abc123/connect", credentials).await.0, 200);
    event(webhook, "instance.connected").await;
    let order = json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "Your order is on its way.",
        "metadata": { "customer": 7 }, "reference": "order-1001" });
    let sent = stack.send(order).await;
    webhook.wait_for(sent.as_str(), "message.read").await;
    let batch = json!({ "instanceId": "inst_abc123", "message": "Your order is on its way.",
        "recipients": [{ "to": "5511999999999" }] });
    let batch = send_batch(stack, batch).await;
    let message = batch["messages"][0]["messageId"].as_str().expect("an id");
    webhook.wait_for(message, "message.read").await;
    wait_until_complete(stack, &batch).await;
    event(webhook, "batch.completed").await;
    let failed = stack.send_text(FAILS, "Your order is on its way.").await;
    webhook.wait_for(failed.as_str(), "message.failed").await;
    stack.phone(&format!("PUT people/{PHONE}"), json!({ "name": "Ana" })).await;
    stack.write(PHONE, "text", json!({ "body": "When will it come?" })).await;
    event(webhook, "message.received").await;
    stack.phone(&format!("PUT people/{PHONE}/number"), json!({ "userId": "BR.13491208655302741918" })).await;
    event(webhook, "contact.updated").await;
    for (marketing, name) in [("stop", "contact.opted_out"), ("resume", "contact.opted_in")] {
        stack.phone(&format!("PUT people/{PHONE}/preferences"), json!({ "to": NUMBER, "marketing": marketing })).await;
        event(webhook, name).await;
    }
    let quality = json!({ "display_phone_number": "551140000000", "event": "THROUGHPUT_UPGRADE",
        "current_limit": "TIER_UNLIMITED", "max_daily_conversations_per_business": "TIER_UNLIMITED" });
    stack.pass(Duration::from_secs(10));
    for (field, value) in
        [("message_template_status_update", template("APPROVED")), ("phone_number_quality_update", quality)]
    {
        assert_eq!(stack.post_callback(&callback(BUSINESS, stack.now().secs(), field, &value), None).await, 200);
    }
    event(webhook, "template.updated").await;
    event(webhook, "instance.updated").await;
    let ready = stack.create_media(PNG.len()).await;
    assert_eq!(stack.put(&ready, Bytes::from_static(PNG)).await, 200);
    event(webhook, "media.ready").await;
    let program = b"MZ\x90\0\x03\0\0\0\x04\0\0\0";
    let other = stack.create_media_of("application/pdf", program.len()).await;
    assert_eq!(stack.put(&other, &program[..]).await, 200);
    event(webhook, "media.failed").await;
}

#[tokio::test]
async fn the_examples_of_events_are_what_the_stack_publishes() {
    let stack = TestStack::start(PROGRAM).await;
    let begun = stack.now().to_string();
    let (webhook, operator) = (WebhookReceiver::start().await, stack.operator_webhook().await);
    let names: Vec<&str> = EVENTS.into_iter().chain(LISTED_EVENTS).collect();
    let path = stack.webhook_for(&webhook, &names).await;
    cause_all(&stack, &webhook).await;
    webhook.answer_with([StatusCode::GONE]);
    let disabled = || async {
        Some(stack.call(&format!("GET {path}"), Value::Null).await.1)
            .filter(|shown| shown["data"]["status"] == "disabled")
    };
    let body = json!({ "instanceId": "inst_abc123", "to": FAILS, "message": "Your order is on its way." });
    stack.send(body).await;
    eventually("the webhook to be disabled", disabled).await;
    operator.wait_for_calls(2).await;

    // On a busy machine the event of the demo's own instance may come after the webhook was created.
    let is_of_this_test = |call: &Call| call.json["timestamp"].as_str() >= Some(begun.as_str());
    let connected = || async {
        let is_connected = |call: &Call| call.event() == "instance.connected" && is_of_this_test(call);
        webhook.calls().iter().any(is_connected).then_some(())
    };
    eventually("the instance to be connected", connected).await;
    let mut calls = [webhook.calls(), operator.calls()].concat();
    calls.retain(is_of_this_test);
    let published = names.into_iter().chain(OPERATOR_EVENTS).filter(|name| *name != "instance.qr_updated");
    let lines: Vec<String> = published
        .map(|name| {
            let call = calls.iter().find(|call| call.event() == name).unwrap_or_else(|| panic!("no {name}"));
            format!("  \"{name}\": {}", as_example(std::str::from_utf8(&call.body).expect("text")))
        })
        .collect();
    let now = format!("{{\n{}\n}}\n", lines.join(",\n"));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/events.json");
    let examples = std::fs::read_to_string(file).expect("docs/events.json");
    assert!(now == examples, "docs/events.json is old. It should be:\n{now}");
}
