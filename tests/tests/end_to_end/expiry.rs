//! A message fails at its `expiresIn`, also while the queue keeps it behind another one of its conversation.

use std::time::Duration;

use serde_json::{Value, json};
use shared::message::{Message, State};
use tests::test_stack::{LONGEST_RETRY_WAIT, REFUSED_FOR_HOURS, TestStack};
use tests::wait::eventually;

use crate::PROGRAM;

/// The longest delay of a message in a standard queue (Amazon SQS, DelaySeconds).
const MAX_DELAY: u64 = 15 * 60;

fn code(expires_in: u64) -> Value {
    json!({ "instanceId": "inst_abc123", "to": REFUSED_FOR_HOURS, "message": "code 1234", "expiresIn": expires_in })
}

#[tokio::test]
async fn a_message_expires_at_its_time_behind_one_that_waits() {
    let stack = TestStack::start(PROGRAM).await;
    let waiting = stack.send_text(REFUSED_FOR_HOURS, "refused for hours").await;
    stack.wait_for_attempt(&waiting, 1).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let behind = stack.send(code(5)).await;
    stack.pass(Duration::from_secs(6));
    let status = stack.wait_for_status(&behind, "failed").await;
    assert_eq!(status["error"]["code"], "expired");
    stack.webhook.wait_for(behind.as_str(), "message.failed").await;
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, before);
    assert_eq!(stack.record(&waiting).await.status, State::Queued, "the other one still waits");

    stack.pass(LONGEST_RETRY_WAIT);
    stack.wait_for_status(&waiting, "read").await;
    assert_eq!(stack.whatsapp().ledger().asked(), 2, "both of the first message");
}

#[tokio::test]
async fn a_message_may_expire_later_than_the_longest_delay_of_a_queue() {
    let stack = TestStack::start(PROGRAM).await;
    let waiting = stack.send_text(REFUSED_FOR_HOURS, "refused for hours").await;
    stack.wait_for_attempt(&waiting, 1).await;
    let behind = stack.send(code(MAX_DELAY + 60)).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    let settle = &stack.stack.functions["settle"];
    let runs = settle.invocations();
    stack.pass(Duration::from_secs(MAX_DELAY + 1));
    eventually("the check of the message", || async { (settle.invocations() > runs).then_some(()) }).await;
    stack.wait_for_any_delayed("SettleQueue").await; // settle may have enqueued the message again, with another check
    assert_eq!(stack.record(&behind).await.status, State::Queued);
    stack.pass(Duration::from_secs(60));
    let status = stack.wait_for_status(&behind, "failed").await;
    assert_eq!(status["error"]["code"], "expired");
}

#[tokio::test]
async fn a_repeat_expires_at_its_own_time_and_not_at_that_of_the_request_before() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.insert_queued(|_| {}).await;
    let of_before = Message { deadline: stack.now(), ..stack.record(&id).await };
    stack.enqueue_before_record("ExpressQueue.fifo", &of_before).await;
    stack.wait_until_empty("ExpressQueue.fifo").await;
    assert_eq!(stack.record(&id).await.status, State::Queued);
}

#[tokio::test]
async fn a_message_that_left_in_time_is_not_checked_again() {
    let stack = TestStack::start(PROGRAM).await;
    let mut body = code(MAX_DELAY * 3);
    body["to"] = json!("5511999999999");
    let id = stack.send(body).await;
    stack.wait_for_status(&id, "read").await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.pass(Duration::from_secs(MAX_DELAY + 1));
    stack.wait_until_empty("SettleQueue").await;
    assert_eq!(stack.status(&id).await["status"], "read");
}
