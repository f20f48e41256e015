//! Interleavings of requests to `send` that the models found (docs/models.md): each broke a promise before the code had
//! the mechanism that the test names.

use std::time::Duration;

use serde_json::Value;
use shared::message::{Message, State};
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{EVERY_ATTEMPT, FaultAt};
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::template_changes::changed;

/// Longer than a request with an Idempotency-Key may be in progress.
const UNTIL_ENDED: Duration = Duration::from_secs(16);
/// Longer than `deliver` waits for a record.
const UNTIL_RECEIVED_AGAIN: Duration = Duration::from_secs(2);
/// The key that all requests carry.
const KEY: Option<&str> = Some("order-12");

/// A stack whose `send` has a long timeout: Lambda ends no process that the test has stopped.
pub async fn start() -> ProxiedStack {
    let folder = tempfile::tempdir().expect("a folder");
    let patient = changed(folder.path(), "Timeout: 10 # a client waits", "Timeout: 600 # a client waits");
    ProxiedStack::start_with(PROGRAM, |options| options.template = patient).await
}

fn code(answer: Option<(u16, Value)>) -> (u16, String) {
    let (status, body) = answer.expect("an answer");
    (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
}

async fn credits(proxied: &ProxiedStack) -> i64 {
    proxied.stack.ledger(&proxied.stack.customer.account_id).await.credits
}

/// `GoneIfReplaced`
#[tokio::test]
async fn a_withdrawal_replaced_by_another_request_is_refunded_with_503() {
    let proxied = start().await;
    let before = credits(&proxied).await;
    proxied.sqs.inject([FaultAt("send", "SendMessage", 1, &[Fault::Unavailable; EVERY_ATTEMPT])]);
    proxied.dynamodb.inject([FaultAt("send", "DeleteItem", 1, &[Fault::DropAfter, Fault::FreezeBefore])]);
    let meanwhile = async {
        proxied.dynamodb.wait_until_frozen().await;
        let (status, accepted) = proxied.post(KEY).await.expect("an answer");
        assert_eq!(status, 202, "{accepted}");
        proxied.dynamodb.resume();
        accepted
    };
    let (first, accepted) = tokio::join!(proxied.post(KEY), meanwhile);
    assert_eq!(code(first), (503, "service_unavailable".to_owned()));
    proxied.wait_until_read(&accepted).await;
    let (taken, credits, reserved) = proxied.at_rest().await;
    assert_eq!((taken, before - credits, reserved), (1, 1, 0));
}

/// `RefusedIfWithdrawn`
#[tokio::test]
async fn an_unanswered_put_that_is_being_sent_is_answered_with_202() {
    let proxied = start().await;
    let before = credits(&proxied).await;
    let put = FaultAt("send", "PutItem", 1, &[Fault::DropAfter; EVERY_ATTEMPT]);
    proxied.dynamodb.inject([put, FaultAt("send", "DeleteItem", 1, &[Fault::FreezeBefore])]);
    let meanwhile = async {
        proxied.dynamodb.wait_until_frozen().await;
        proxied.stack.pass(UNTIL_ENDED);
        let (status, accepted) = proxied.post(KEY).await.expect("an answer");
        assert_eq!(status, 202, "{accepted}");
        proxied.wait_until_read(&accepted).await;
        proxied.dynamodb.resume();
        accepted
    };
    let (first, second) = tokio::join!(proxied.post(KEY), meanwhile);
    let (status, first) = first.expect("an answer");
    assert_eq!((status, &first["messageId"]), (202, &second["messageId"]), "{first}");
    let (taken, credits, reserved) = proxied.at_rest().await;
    assert_eq!((taken, before - credits, reserved), (1, 1, 0));
}

/// `EnqueueThenRelease`
#[tokio::test]
async fn a_message_whose_request_broke_off_before_its_enqueue_is_sent() {
    let proxied = start().await;
    let before = credits(&proxied).await;
    proxied.break_off(None).await;
    let (taken, credits, reserved) = proxied.at_rest().await;
    assert_eq!((taken, before - credits, reserved), (1, 1, 0));
}

/// `AbsentGrace`
#[tokio::test]
async fn a_message_that_is_received_before_its_record_waits_for_it() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.insert_queued(|_| {}).await;
    let record = stack.record(&id).await;
    assert!(stack.messages.withdraw(&record).await.expect("an answer"));
    stack.enqueue_before_record("ExpressQueue.fifo", &record).await;
    stack.wait_until_returned("ExpressQueue.fifo", [&id]).await;
    assert!(stack.messages.insert(&record).await.expect("an answer").is_applied());
    stack.pass(UNTIL_RECEIVED_AGAIN);
    stack.wait_for_status(&id, "read").await;
}

/// `ClaimedForItsRequest`
#[tokio::test]
async fn what_another_request_has_enqueued_sends_nothing() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.insert_queued(|_| {}).await;
    let record = stack.record(&id).await;
    let of_another = Message { nonce: "another".to_owned(), ..record.clone() };
    let expired = Message { deadline: record.created_at, ..of_another.clone() };
    for message in [of_another, expired] {
        stack.enqueue_before_record("ExpressQueue.fifo", &message).await;
        stack.wait_until_empty("ExpressQueue.fifo").await;
        assert_eq!((stack.record(&id).await.status, stack.record(&id).await.attempt), (State::Queued, 0));
    }
    stack.enqueue("ExpressQueue.fifo", &id).await;
    stack.wait_for_status(&id, "read").await;
}

/// `AgeBeforeRead`
#[tokio::test]
async fn a_slow_read_of_a_young_record_is_answered_as_in_progress() {
    let proxied = start().await;
    let before = credits(&proxied).await;
    proxied.break_off(KEY).await;
    // The key, its account, and the record that the first request made.
    proxied.dynamodb.inject([FaultAt("send", "GetItem", 3, &[Fault::FreezeAfter])]);
    let meanwhile = async {
        proxied.dynamodb.wait_until_frozen().await;
        proxied.stack.pass(UNTIL_ENDED);
        proxied.dynamodb.resume();
    };
    let (second, ()) = tokio::join!(proxied.post(KEY), meanwhile);
    assert_eq!(code(second), (409, "idempotency_in_progress".to_owned()));
    let (taken, credits, reserved) = proxied.at_rest().await;
    assert_eq!((taken, before - credits, reserved), (1, 1, 0));
}
