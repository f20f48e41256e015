//! Endpoints that fail: left alone for a while, disabled when they are gone, and the operator is told.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::receiver::Receiver;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;

const QUEUE: &str = "WebhookQueue";
/// Draws one `message.failed` and nothing else.
const FAILS: &str = "1555131047";
const FAILED: &[&str] = &["message.failed"];

async fn shown(stack: &TestStack, path: &str) -> Value {
    stack.call(&format!("GET {path}"), Value::Null).await.1["data"].take()
}

#[tokio::test]
async fn an_endpoint_that_fails_again_and_again_is_left_alone_and_its_events_wait_for_it() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = Receiver::start().await;
    stack.webhook_for(&receiver, FAILED).await;
    receiver.answer_with([StatusCode::INTERNAL_SERVER_ERROR; 100]);
    for failures in 1..=5 {
        stack.send_text(FAILS, "fails").await;
        receiver.wait_for_calls(failures).await;
        stack.wait_for_delayed(QUEUE, failures).await;
    }
    for waiting in 6..=8 {
        let id = stack.send_text(FAILS, "fails").await;
        stack.webhook.wait_for(id.as_str(), "message.failed").await; // the neighbour gets it
        stack.wait_for_delayed(QUEUE, waiting).await;
    }
    assert_eq!(receiver.calls().len(), 5, "the last three were not even tried");

    receiver.recover();
    stack.pass(Duration::from_secs(17));
    receiver.wait_for_calls(8).await;
    stack.wait_for_delayed(QUEUE, 5).await;
    stack.pass(Duration::from_secs(17)); // the first five, half a minute after their first attempts
    let calls = receiver.wait_for_calls(13).await;
    let ids: std::collections::BTreeSet<_> = calls.iter().map(|call| call.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 8);
}

#[tokio::test]
async fn failures_of_a_burst_count_as_one() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = Receiver::start().await;
    stack.webhook_for(&receiver, FAILED).await;
    receiver.answer_with([StatusCode::INTERNAL_SERVER_ERROR; 100]);
    receiver.hold();
    for _ in 0..7 {
        stack.send_text(FAILS, "fails").await;
    }
    receiver.wait_for_calls(7).await;
    receiver.let_go();
    stack.wait_for_delayed(QUEUE, 7).await;
    stack.send_text(FAILS, "fails").await;
    receiver.wait_for_calls(8).await;
    stack.wait_for_delayed(QUEUE, 8).await;
    receiver.recover();
    stack.pass(Duration::from_secs(35));
    receiver.wait_for_calls(16).await; // nothing was left alone
}

#[tokio::test]
async fn an_endpoint_that_says_it_is_gone_is_disabled_and_one_put_switches_it_on_again() {
    let stack = TestStack::start(PROGRAM).await;
    let (receiver, operator) = (Receiver::start().await, stack.operator_webhook().await);
    let path = stack.webhook_for(&receiver, FAILED).await;
    receiver.answer_with([StatusCode::GONE]);
    let first = stack.send_text(FAILS, "fails").await;
    receiver.wait_for_calls(1).await;
    let disabled = || async { Some(shown(&stack, &path).await).filter(|shown| shown["status"] == "disabled") };
    let disabled = eventually("it to be disabled", disabled).await;
    assert!(disabled["disabledReason"].as_str().is_some_and(|why| why.contains("410")), "{disabled}");
    let told = operator.wait_for_calls(2).await;
    let mut events: Vec<_> = told.iter().map(|call| call.event()).collect();
    events.sort_unstable();
    assert_eq!(events, ["webhook.disabled", "webhook.exhausted"]);
    let exhausted = told.iter().find(|call| call.event() == "webhook.exhausted").expect("one");
    assert!(operator.verifies(exhausted));
    let data = &exhausted.json["data"];
    assert_eq!(
        (&data["subject"], &data["attempts"], &data["event"]),
        (&json!(first), &json!(1), &json!("message.failed"))
    );

    let second = stack.send_text(FAILS, "fails").await;
    stack.webhook.wait_for(second.as_str(), "message.failed").await;
    let (status, shown) = stack.call(&format!("PUT {path}"), json!({ "status": "active" })).await;
    assert_eq!((status, &shown["data"]["status"], shown["data"].get("disabledReason")), (200, &json!("active"), None));
    let third = stack.send_text(FAILS, "fails").await;
    receiver.wait_for(third.as_str(), "message.failed").await;
    assert_eq!(receiver.calls_about(second.as_str()).len(), 0);
}

#[tokio::test]
async fn five_days_of_nothing_but_failures_disable_a_webhook_and_the_operator_is_told() {
    let stack = TestStack::start(PROGRAM).await;
    let (receiver, operator) = (Receiver::start().await, stack.operator_webhook().await);
    let path = stack.webhook_for(&receiver, FAILED).await;
    receiver.answer_with([StatusCode::INTERNAL_SERVER_ERROR; 100]);
    stack.send_text(FAILS, "fails").await;
    receiver.wait_for_calls(1).await;
    stack.wait_for_delayed(QUEUE, 1).await;
    stack.pass(Duration::from_secs(5 * 24 * 60 * 60 - 60));
    operator.wait_for_calls(1).await; // its schedule is over
    stack.send_text(FAILS, "fails").await;
    receiver.wait_for_calls(2).await;
    stack.wait_for_delayed(QUEUE, 1).await;
    assert_eq!(shown(&stack, &path).await["status"], "active", "not quite five days");
    stack.pass(Duration::from_secs(61));
    receiver.wait_for_calls(3).await;
    let told = operator.wait_for_calls(2).await;
    assert_eq!((told[0].event(), told[1].event()), ("webhook.exhausted", "webhook.disabled"));
    let shown = shown(&stack, &path).await;
    assert_eq!(shown["status"], "disabled");
    assert!(shown["disabledReason"].as_str().is_some_and(|why| why.contains("five days")), "{shown}");
}

#[tokio::test]
async fn an_endpoint_s_retry_after_is_honoured_and_its_answer_stands_in_the_log() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = Receiver::start().await;
    let path = stack.webhook_for(&receiver, FAILED).await;
    receiver.ask_to_wait(300);
    stack.send_text(FAILS, "fails").await;
    receiver.wait_for_calls(1).await;
    stack.wait_for_delayed(QUEUE, 1).await;
    let logs = || async {
        let (_, logs) = stack.call(&format!("GET {path}/logs"), Value::Null).await;
        Some(logs["data"][0].clone()).filter(|row| !row.is_null())
    };
    let row = eventually("a row", logs).await;
    let time = |field: &str| row[field].as_str().and_then(|text| text.parse().ok()).expect("a time");
    let (at, next): (shared::clock::Timestamp, shared::clock::Timestamp) = (time("timestamp"), time("nextRetryAt"));
    assert!((300..=331).contains(&at.until(next).as_secs()), "{row}");
    stack.pass(Duration::from_secs(290));
    stack.wait_for_delayed(QUEUE, 1).await;
    assert_eq!(receiver.calls().len(), 1);
    stack.pass(Duration::from_secs(45));
    receiver.wait_for_calls(2).await;
}
