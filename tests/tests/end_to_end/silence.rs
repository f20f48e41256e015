//! Outcomes that nobody knows, while WhatsApp's callbacks do not come at all.

use std::time::Duration;

use shared::state::State;
use tests::test_stack::{TestStack, UNTIL_SETTLED};

use crate::PROGRAM;

/// The simulator takes this number's messages and does not answer or report.
const TAKES_AND_HANGS: &str = "15550100002";

#[tokio::test]
async fn while_a_number_is_silent_its_unknown_outcomes_are_no_failures_and_afterwards_they_are() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.leave_unknown(TAKES_AND_HANGS).await;
    stack.pass(UNTIL_SETTLED);
    let looks = || stack.logs().matches("callbacks.silent").count();
    tests::wait::eventually("settle to look", || async { (looks() == 1).then_some(()) }).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    assert_eq!(stack.record(&id).await.status, State::Unknown);

    let other = stack.send_text("5511999999999", "WhatsApp is heard again").await;
    stack.wait_for_status(&other, "read").await;
    stack.pass(UNTIL_SETTLED);
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "unknown_outcome");
    assert_eq!(stack.whatsapp().ledger().taken_by(TAKES_AND_HANGS).len(), 1);
}

#[tokio::test]
async fn a_number_that_stays_silent_for_a_day_keeps_nobody_waiting_longer() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.leave_unknown(TAKES_AND_HANGS).await;
    stack.pass(Duration::from_secs(24 * 60 * 60 + 5));
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "unknown_outcome");
    stack.webhook.wait_for(id.as_str(), "message.failed").await;
}
