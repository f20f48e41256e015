//! Unknown outcomes during an outage of WhatsApp's callbacks.

use std::time::Duration;

use shared::message::State;
use tests::test_stack::{TestStack, UNTIL_SETTLED};

use crate::PROGRAM;

/// The simulator accepts this number's messages and does not answer or report them.
const TAKES_AND_HANGS: &str = "15550100002";

#[tokio::test]
async fn an_unknown_outcome_fails_only_once_callbacks_arrive_again() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.leave_unknown(TAKES_AND_HANGS).await;
    stack.pass(UNTIL_SETTLED);
    let looks = || stack.logs().matches("callbacks.silent").count();
    tests::wait::eventually("settle to check the message", || async { (looks() == 1).then_some(()) }).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    assert_eq!(stack.record(&id).await.status, State::Unknown);

    let then = stack.now();
    let other = stack.send_text("5511999999999", "callbacks arrive again").await;
    stack.wait_for_status(&other, "read").await;
    stack.wait_for_callback_since(then).await;
    stack.pass(UNTIL_SETTLED);
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "unknown_outcome");
    assert_eq!(stack.whatsapp().ledger().taken_by(TAKES_AND_HANGS).len(), 1);
}

#[tokio::test]
async fn an_unknown_outcome_fails_after_a_day_without_callbacks() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.leave_unknown(TAKES_AND_HANGS).await;
    stack.pass(Duration::from_secs(24 * 60 * 60 + 5));
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "unknown_outcome");
    stack.webhook.wait_for(id.as_str(), "message.failed").await;
}
