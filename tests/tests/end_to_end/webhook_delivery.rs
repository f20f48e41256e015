//! Delivery of webhook events: attempts, retries and dead letters.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::fault::Fault;
use tests::process;
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::{TestStack, UNTIL_REDELIVERY};
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;

/// Longer than the contract's waits between two attempts, each with its jitter of up to a tenth.
const WAITS: [Duration; 5] = [
    Duration::from_secs(34),
    Duration::from_secs(133),
    Duration::from_secs(661),
    Duration::from_secs(3961),
    Duration::from_secs(23_761),
];

/// Waits until an event is scheduled in its webhook's log only.
async fn wait_in_log(stack: &TestStack) {
    stack.wait_for_delayed("WebhookQueue", 0).await;
    let waits = || async { (stack.waiting_deliveries().await == 1).then_some(()) };
    eventually("an event in the log", waits).await;
}

#[tokio::test]
async fn a_failed_webhook_is_retried_under_the_same_event_id() {
    let stack = TestStack::start(PROGRAM).await;
    stack.webhook.answer_with([StatusCode::INTERNAL_SERVER_ERROR, StatusCode::BAD_GATEWAY]);
    let id = stack.send_text("1555131047", "only message.failed").await;
    let first = stack.webhook.wait_for(id.as_str(), "message.failed").await;
    for (attempts, wait) in [(2, WAITS[0]), (3, WAITS[1])] {
        stack.wait_for_delayed("WebhookQueue", 1).await;
        stack.pass(wait);
        let calls = || async { Some(stack.webhook.calls_about(id.as_str())).filter(|calls| calls.len() >= attempts) };
        let calls = eventually("the next attempt", calls).await;
        let again = &calls[attempts - 1];
        assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
        assert_eq!(again.body, first.body);
        assert_ne!(again.header("webhook-timestamp"), first.header("webhook-timestamp"));
        assert!(stack.webhook.verifies(again));
    }
    assert_eq!(stack.webhook.calls_about(id.as_str()).len(), 3);
}

#[tokio::test]
async fn an_event_with_characters_that_sqs_refuses_is_retried() {
    let stack = TestStack::start(PROGRAM).await;
    stack.webhook.answer_with([StatusCode::INTERNAL_SERVER_ERROR]);
    let odd = "\u{0}\u{1}\u{7f}\u{fffe}\u{ffff}\u{1ffff}";
    let body = json!({ "instanceId": "inst_abc123", "to": "1555131047", "message": "fails", "metadata": { odd: odd } });
    let id = stack.send(body).await;
    let first = stack.webhook.wait_for(id.as_str(), "message.failed").await;
    stack.wait_for_delayed("WebhookQueue", 1).await;
    stack.pass(WAITS[0]);
    let again = stack.webhook.wait_for_calls(2).await.remove(1);
    assert_eq!((&again.body, &again.json["data"]["metadata"][odd]), (&first.body, &json!(odd)));
}

#[tokio::test]
async fn an_event_whose_attempts_all_failed_is_a_dead_letter() {
    let stack = TestStack::start(PROGRAM).await;
    stack.webhook.answer_with([StatusCode::INTERNAL_SERVER_ERROR; 6]);
    let id = stack.send_text("1555131047", "only message.failed").await;
    stack.webhook.wait_for(id.as_str(), "message.failed").await;
    for (attempts, wait) in (2..).zip(WAITS) {
        if wait < Duration::from_secs(15 * 60) {
            stack.wait_for_delayed("WebhookQueue", 1).await;
        } else {
            wait_in_log(&stack).await; // longer than the queue holds anything
        }
        stack.pass(wait);
        let calls = || async { Some(()).filter(|()| stack.webhook.calls_about(id.as_str()).len() >= attempts) };
        eventually("the next attempt", calls).await;
    }
    let dead = eventually("the dead letter", || async {
        let request = stack.stack.clients.sqs.receive_message().queue_url(stack.queue_url("WebhookDeadLetters"));
        request.send().await.expect("the queue answers").messages.and_then(|messages| messages.into_iter().next())
    })
    .await;
    assert!(dead.body().is_some_and(|body| body.contains(id.as_str())));
    assert_eq!(stack.webhook.calls_about(id.as_str()).len(), 6);
}

#[tokio::test]
async fn each_webhook_of_an_instance_gets_its_own_event_id() {
    let stack = TestStack::start(PROGRAM).await;
    let second = WebhookReceiver::start().await;
    stack.register(&second).await;
    let id = stack.send_text("5511999999999", "hello").await;
    let (a, b) =
        (stack.webhook.wait_for(id.as_str(), "message.sent").await, second.wait_for(id.as_str(), "message.sent").await);
    assert_eq!(a.body, b.body);
    assert_ne!(a.header("webhook-id"), b.header("webhook-id"));
    assert!(stack.webhook.verifies(&a) && second.verifies(&b));
    assert!(!stack.webhook.verifies(&b));
}

#[tokio::test]
async fn a_repeated_batch_publishes_its_events_under_the_same_ids() {
    let stack = TestStack::start(PROGRAM).await;
    let warm = stack.send_text("1555131047", "so that the endpoint is known to be quick").await;
    stack.webhook.wait_for(warm.as_str(), "message.failed").await;
    stack.webhook.hold();
    let id = stack.send_text("1555131047", "fails").await;
    let first = stack.webhook.wait_for(id.as_str(), "message.failed").await;
    let pids = stack.stack.functions["notify"].pids().borrow().clone();
    pids.into_iter().for_each(process::kill);
    stack.webhook.release();
    // An endpoint that was not seen to answer within a second is called from the queue, whose batch comes again later.
    stack.pass(UNTIL_REDELIVERY);
    let calls = || async { Some(stack.webhook.calls_about(id.as_str())).filter(|calls| calls.len() == 2) };
    let calls = eventually("the same batch again", calls).await;
    assert_eq!(calls[1].header("webhook-id"), first.header("webhook-id"));
    assert_eq!(calls[1].body, first.body);
}

#[tokio::test]
async fn an_unreadable_stream_record_is_put_aside_and_the_others_continue() {
    let stack = TestStack::start(PROGRAM).await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let request = stack.stack.clients.dynamodb.put_item().table_name(&stack.stack.tables["Messages"]);
    let request = request.item("id", text("msg_odd")).item("ev", text("sent")).item("status", text("teleported"));
    request.send().await.expect("the table takes it");
    let aside = eventually("what was put aside", || async {
        let request = stack.stack.clients.sqs.receive_message().queue_url(stack.queue_url("UnreadableRecords"));
        request.send().await.expect("the queue answers").messages?.pop()
    })
    .await;
    let body: Value = serde_json::from_str(aside.body().expect("a body")).expect("JSON");
    assert_eq!(body["keys"], json!({ "id": { "S": "msg_odd" } }));
    let id = stack.send_text("1555131047", "after it").await;
    stack.webhook.wait_for(id.as_str(), "message.failed").await;
    assert_eq!(stack.webhook.calls().len(), 1);
}

#[tokio::test]
async fn an_event_waits_out_hours_in_which_the_table_does_not_answer() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    stack.webhook.answer_with([StatusCode::INTERNAL_SERVER_ERROR]);
    let id = stack.send_text("1555131047", "fails").await;
    stack.webhook.wait_for(id.as_str(), "message.failed").await;
    stack.wait_for_delayed("WebhookQueue", 1).await;
    let is_read = |operation: &str| ["GetItem", "Query"].contains(&operation);
    proxied.dynamodb.set_faults(move |call, _| {
        if call.caller == "notify" && is_read(&call.operation) { Fault::Unavailable } else { Fault::None }
    });
    for receives in 1..=12 {
        stack.pass(UNTIL_REDELIVERY);
        let failed =
            || async { (stack.logs().matches("queue_message.processing_failed").count() >= receives).then_some(()) };
        eventually("the next receive to fail", failed).await;
    }
    let counted = || async { stack.logs().contains("QueueMessagesFailing").then_some(()) };
    eventually("somebody to be told", counted).await;
    proxied.dynamodb.set_faults(|_, _| Fault::None);
    stack.pass(UNTIL_REDELIVERY);
    stack.webhook.wait_for_calls(2).await;
    assert_eq!(stack.visible("WebhookDeadLetters").await, 0);
}
