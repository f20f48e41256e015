//! Failing endpoints: the circuit breaker, disabling, and notifying the operator.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::webhook::Webhook;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;

const QUEUE: &str = "WebhookQueue";
/// WhatsApp refuses this recipient's messages: the only event is `message.failed`.
const FAILS: &str = "1555131047";
const FAILED: &[&str] = &["message.failed"];
/// What a failing endpoint asks for with `Retry-After`, in seconds: no retry comes before the test moves the clock.
const WAIT: u64 = 800;
/// Longer than that wait with its jitter.
const UNTIL_RETRY: Duration = Duration::from_secs(881);
/// Recipients that WhatsApp refuses permanently, each in a separate conversation.
const BURST: [&str; 7] =
    ["1555131047", "1555131026", "1555131021", "1555131051", "1555131053", "1555131049", "1555131050"];

async fn record(stack: &TestStack, path: &str) -> Webhook {
    let id = path.rsplit('/').next().and_then(|id| id.parse().ok()).expect("a webhook's id");
    let webhook = stack.accounts.webhook(&stack.customer.account_id, &id).await.expect("the table answers");
    webhook.expect("the webhook")
}

/// Keeps the circuit of a webhook open for so long from now; it must be open already.
async fn open_for(stack: &TestStack, path: &str, time: Duration) {
    let mut webhook = record(stack, path).await;
    assert_eq!((webhook.failures, webhook.open_until.is_some()), (5, true));
    webhook.open_until = Some(stack.now().plus(time));
    stack.accounts.put_webhook(&webhook).await.expect("the table takes it");
}

async fn shown(stack: &TestStack, path: &str) -> Value {
    stack.call(&format!("GET {path}"), Value::Null).await.1["data"].take()
}

/// The rows of a webhook's delivery log, newest first, once there are this many.
async fn rows(stack: &TestStack, path: &str, count: usize) -> Vec<Value> {
    let ask = || async {
        let (_, mut logs) = stack.call(&format!("GET {path}/logs"), Value::Null).await;
        let rows = logs["data"].as_array_mut().map(std::mem::take)?;
        (rows.len() == count).then_some(rows)
    };
    eventually(&format!("{count} rows"), ask).await
}

/// Has an endpoint fail five times, which opens its circuit for ten minutes from now. The retries come after `WAIT`.
async fn open_circuit(stack: &TestStack, receiver: &WebhookReceiver, path: &str) {
    receiver.answer_retry_after(100, WAIT);
    for failures in 1..=5 {
        stack.send_text(FAILS, "fails").await;
        receiver.wait_for_calls(failures).await;
        stack.wait_for_delayed(QUEUE, failures).await;
    }
    open_for(stack, path, Duration::from_secs(600)).await;
}

#[tokio::test]
async fn five_failures_in_a_row_open_the_circuit_and_events_wait() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let path = stack.webhook_for(&receiver, FAILED).await;
    open_circuit(&stack, &receiver, &path).await;
    for waiting in 6..=8 {
        let id = stack.send_text(FAILS, "fails").await;
        stack.webhook.wait_for(id.as_str(), "message.failed").await; // the other webhook receives it
        stack.wait_for_delayed(QUEUE, waiting).await;
    }
    assert_eq!(receiver.calls().len(), 5, "the last three were not even tried");

    receiver.recover();
    stack.pass(Duration::from_secs(600 * 11 / 10 + 1));
    receiver.wait_for_calls(8).await;
    stack.wait_for_delayed(QUEUE, 5).await;
    stack.pass(UNTIL_RETRY); // the first five retries, after the requested wait
    let calls = receiver.wait_for_calls(13).await;
    let ids: std::collections::BTreeSet<_> = calls.iter().map(|call| call.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 8);
}

#[tokio::test]
async fn a_repaired_endpoint_is_called_at_once() {
    let stack = TestStack::start(PROGRAM).await;
    let (receiver, next) = (WebhookReceiver::start().await, WebhookReceiver::start().await);
    let path = stack.webhook_for(&receiver, FAILED).await;
    open_circuit(&stack, &receiver, &path).await;
    assert!(shown(&stack, &path).await["pausedUntil"].is_string());
    receiver.recover();
    let (_, tested) = stack.call(&format!("POST {path}/test"), json!({ "event": "message.failed" })).await;
    assert_eq!(tested["data"]["status"], "success");
    let repaired = shown(&stack, &path).await;
    assert!(["pausedUntil", "failingSince", "lastError"].iter().all(|field| repaired[field].is_null()), "{repaired}");
    stack.send_text(FAILS, "fails").await;
    receiver.wait_for_calls(7).await; // five that failed, the test, and this one

    let mut webhook = record(&stack, &path).await;
    (webhook.failures, webhook.open_until) = (5, Some(stack.now().plus(Duration::from_secs(600))));
    stack.accounts.put_webhook(&webhook).await.expect("the table takes it");
    let (_, changed) = stack.call(&format!("PUT {path}"), json!({ "url": next.url })).await;
    assert!(changed["data"]["pausedUntil"].is_null(), "{changed}");
    stack.send_text(FAILS, "fails").await;
    next.wait_for_calls(1).await;
}

#[tokio::test]
async fn concurrent_failures_count_as_one() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    stack.webhook_for(&receiver, FAILED).await;
    receiver.answer_retry_after(100, WAIT);
    receiver.hold();
    // All at once, so that the attempts overlap.
    let until = stack.now().plus(Duration::from_secs(600));
    stack.pause_instance(until).await;
    let ids = join_all(BURST.map(|to| stack.send_text(to, "fails"))).await;
    stack.wait_until_returned("ExpressQueue.fifo", &ids).await;
    stack.pass(Duration::from_secs(601));
    receiver.wait_for_calls(7).await;
    receiver.release();
    stack.wait_for_delayed(QUEUE, 7).await;
    stack.send_text(FAILS, "fails").await;
    receiver.wait_for_calls(8).await;
    stack.wait_for_delayed(QUEUE, 8).await;
    receiver.recover();
    stack.pass(UNTIL_RETRY);
    receiver.wait_for_calls(16).await; // the circuit was never open
}

#[tokio::test]
async fn an_endpoint_that_answers_410_is_disabled_until_it_is_enabled_again() {
    let stack = TestStack::start(PROGRAM).await;
    let (receiver, operator) = (WebhookReceiver::start().await, stack.operator_webhook().await);
    let path = stack.webhook_for(&receiver, FAILED).await;
    receiver.answer_with([StatusCode::GONE]);
    let first = stack.send_text(FAILS, "fails").await;
    receiver.wait_for_calls(1).await;
    let disabled = || async { Some(shown(&stack, &path).await).filter(|shown| shown["status"] == "disabled") };
    let disabled = eventually("the webhook to be disabled", disabled).await;
    assert!(disabled["disabledReason"].as_str().is_some_and(|why| why.contains("410")), "{disabled}");
    let published = operator.wait_for_calls(2).await;
    let mut events: Vec<_> = published.iter().map(|call| call.event()).collect();
    events.sort_unstable();
    assert_eq!(events, ["webhook.disabled", "webhook.exhausted"]);
    let exhausted = published.iter().find(|call| call.event() == "webhook.exhausted").expect("one");
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
async fn events_that_wait_when_their_webhook_is_disabled_become_dead_letters() {
    let stack = TestStack::start(PROGRAM).await;
    let (receiver, operator) = (WebhookReceiver::start().await, stack.operator_webhook().await);
    let path = stack.webhook_for(&receiver, FAILED).await;
    receiver.answer_retry_after(4, WAIT);
    receiver.answer_with([StatusCode::GONE]);
    for calls in 1..=5 {
        stack.send_text(FAILS, "fails").await;
        receiver.wait_for_calls(calls).await;
        stack.wait_for_delayed(QUEUE, calls.min(4)).await;
    }
    let disabled = || async { (shown(&stack, &path).await["status"] == "disabled").then_some(()) };
    eventually("the webhook to be disabled", disabled).await;
    let promised = |rows: &[Value]| rows.iter().any(|row| row.get("nextRetryAt").is_some());
    assert!(!promised(&rows(&stack, &path, 5).await), "no attempt follows while the webhook is disabled");

    stack.pass(UNTIL_RETRY);
    let rows = rows(&stack, &path, 9).await;
    assert!(!promised(&rows));
    for row in &rows[..4] {
        assert_eq!(
            (&row["status"], &row["statusCode"], &row["retryCount"]),
            (&json!("failed"), &Value::Null, &json!(1))
        );
        assert!(row["error"].as_str().is_some_and(|error| error.contains("disabled")), "{row}");
    }
    let ids = |rows: &[Value]| -> BTreeSet<String> {
        rows.iter().filter_map(|row| row["eventId"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(ids(&rows[..4]).len(), 4);
    let published = operator.wait_for_calls(6).await;
    let exhausted = published.iter().filter(|call| call.event() == "webhook.exhausted");
    let exhausted: BTreeSet<_> = exhausted.filter_map(|call| call.json["data"]["eventId"].as_str()).collect();
    assert_eq!(exhausted, ids(&rows).iter().map(String::as_str).collect());
    assert_eq!((receiver.calls().len(), stack.visible("WebhookDeadLetters").await), (5, 5));
}

#[tokio::test]
async fn five_days_of_failures_disable_a_webhook_and_notify_the_operator() {
    let stack = TestStack::start(PROGRAM).await;
    let (receiver, operator) = (WebhookReceiver::start().await, stack.operator_webhook().await);
    let path = stack.webhook_for(&receiver, FAILED).await;
    receiver.answer_retry_after(100, WAIT);
    stack.send_text(FAILS, "fails").await;
    receiver.wait_for_calls(1).await;
    stack.wait_for_delayed(QUEUE, 1).await;
    stack.pass(Duration::from_secs(5 * 24 * 60 * 60) - UNTIL_RETRY);
    operator.wait_for_calls(1).await; // its retry schedule has ended
    stack.send_text(FAILS, "fails").await;
    receiver.wait_for_calls(2).await;
    stack.wait_for_delayed(QUEUE, 1).await;
    assert_eq!(shown(&stack, &path).await["status"], "active", "not quite five days");
    stack.pass(UNTIL_RETRY);
    receiver.wait_for_calls(3).await;
    let published = operator.wait_for_calls(2).await;
    assert_eq!((published[0].event(), published[1].event()), ("webhook.exhausted", "webhook.disabled"));
    let shown = shown(&stack, &path).await;
    assert_eq!(shown["status"], "disabled");
    assert!(shown["disabledReason"].as_str().is_some_and(|why| why.contains("five days")), "{shown}");
}

#[tokio::test]
async fn an_endpoints_retry_after_is_honoured() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let path = stack.webhook_for(&receiver, FAILED).await;
    receiver.answer_retry_after(1, 300);
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
    stack.pass(Duration::from_secs(150));
    stack.wait_for_delayed(QUEUE, 1).await;
    assert_eq!(receiver.calls().len(), 1);
    stack.pass(Duration::from_secs(185));
    receiver.wait_for_calls(2).await;
}
