//! Statuses are gathered before webhooks are called (docs/adr/0068); nothing else waits for them, and none is lost.

use std::time::Duration;

use serde_json::{Value, json};
use shared::ids::MessageId;
use tests::process;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;

/// Longer than a test takes: only the clock ends it.
const WINDOW: Duration = Duration::from_secs(300);
const PHONE: &str = "5511900000001";
/// Somebody who writes.
const WRITER: &str = "5511911110001";
/// WhatsApp refuses this recipient's messages: the only event is `message.failed`.
const FAILS: &str = "1555131047";
/// The lanes of a shard (`ParallelizationFactor`).
const LANES: usize = 5;

async fn with_window(window: Duration) -> TestStack {
    let seconds = window.as_secs().to_string();
    TestStack::start_with(PROGRAM, |options| drop(options.parameters.insert("StatusWindowSeconds", seconds))).await
}

/// Sends a message and waits until its statuses are recorded and wait for their window.
async fn send_and_wait(stack: &TestStack) -> MessageId {
    let id = stack.send_text(PHONE, "hello").await;
    stack.wait_for_status(&id, "read").await;
    let progress = || stack.stack.checkpoints.progress().get("notifyStatuses").copied().unwrap_or_default();
    // One poll may have begun before the last status was written.
    let polls = progress().idle_polls + 2;
    let all_wait = || async {
        stack.stack.checkpoints.request_polls();
        let progress = progress();
        (progress.idle_polls >= polls && progress.has_pending_records).then_some(())
    };
    eventually("the statuses to wait", all_wait).await;
    id
}

#[tokio::test]
async fn a_received_message_and_a_failure_are_published_while_statuses_wait() {
    let stack = with_window(WINDOW).await;
    let sent = send_and_wait(&stack).await;
    let failed = stack.send_text(FAILS, "fails").await;
    stack.webhook.wait_for(failed.as_str(), "message.failed").await;
    stack.write(WRITER, "text", json!({ "body": "hi" })).await;
    let received = stack.history(&format!("&phone={WRITER}")).await.remove(0);
    stack.webhook.wait_for(received["messageId"].as_str().expect("an id"), "message.received").await;
    assert_eq!(stack.webhook.calls_about(sent.as_str()).len(), 0, "the window is open");
    stack.pass(WINDOW);
    stack.webhook.wait_until_read(sent.as_str()).await;
}

#[tokio::test]
async fn the_statuses_of_many_messages_come_in_few_invocations() {
    const MESSAGES: usize = 10;
    let stack = with_window(WINDOW).await;
    let mut invocations = stack.stack.functions["notify"].subscribe();
    let mut sent = Vec::new();
    for _ in 0..MESSAGES {
        sent.push(send_and_wait(&stack).await);
    }
    stack.pass(WINDOW);
    for id in &sent {
        stack.webhook.wait_until_read(id.as_str()).await;
    }
    let mut batches = Vec::new(); // of messages: an instance's event comes through the other stream
    while let Ok(finished) = invocations.try_recv() {
        let event: Value = serde_json::from_slice(&finished.event).expect("JSON");
        let records = event["Records"].as_array().cloned().unwrap_or_default();
        batches.extend(
            records.first().filter(|record| record["dynamodb"]["Keys"]["id"].is_object()).map(|_| records.len()),
        );
    }
    assert_eq!(batches.iter().sum::<usize>(), 3 * MESSAGES, "{batches:?}");
    assert!(batches.len() <= LANES, "{batches:?}");
}

#[tokio::test]
async fn a_process_that_dies_while_statuses_wait_loses_none() {
    let stack = with_window(WINDOW).await;
    let id = send_and_wait(&stack).await;
    process::kill(stack.pid("notify"));
    stack.pass(WINDOW);
    stack.webhook.wait_until_read(id.as_str()).await;
}

#[tokio::test]
async fn statuses_that_wait_while_their_message_is_erased_are_not_published() {
    let stack = with_window(WINDOW).await;
    let id = send_and_wait(&stack).await;
    assert_eq!(stack.erase(PHONE).await, json!({ "erased": 1, "remaining": 0 }));
    let logged = |event: &str| stack.logs().matches(event).count();
    let is_redacted = || async { (logged("delivery_log.redacted") == 1).then_some(()) };
    eventually("the tombstone to come before the statuses", is_redacted).await;
    assert_eq!(logged("webhook.event_erased"), 0, "the window is open");
    stack.pass(WINDOW);
    let all_dropped = || async { (logged("webhook.event_erased") == 3).then_some(()) };
    eventually("the statuses to be dropped", all_dropped).await;
    assert_eq!(stack.webhook.calls_about(id.as_str()).len(), 0);
}

#[tokio::test]
async fn with_the_template_s_own_window_every_status_is_published() {
    let stack = TestStack::start_with(PROGRAM, |options| drop(options.parameters.remove("StatusWindowSeconds"))).await;
    let id = stack.send_text(PHONE, "hello").await;
    stack.webhook.wait_until_read(id.as_str()).await;
}
