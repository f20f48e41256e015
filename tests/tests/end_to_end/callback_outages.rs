//! Unknown outcomes during an outage of WhatsApp's callbacks.

use std::time::Duration;

use serde_json::json;
use shared::message::State;
use tests::test_stack::{TestStack, UNTIL_SETTLED};

use crate::PROGRAM;
use crate::own_apps::{change, connect, exhaust, inbound, post};

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

#[tokio::test]
async fn an_unknown_outcome_waits_while_a_refused_callback_may_be_about_it() {
    let stack = TestStack::start(PROGRAM).await;
    let instance = connect(&stack, "2001").await;
    let id = stack.take_and_die(&instance, TAKES_AND_HANGS).await;
    let taken = stack.whatsapp().ledger().taken().remove(0);
    let delivered = json!({ "id": taken.wamid, "status": "delivered", "timestamp": "1760000002",
        "biz_opaque_callback_data": taken.message["biz_opaque_callback_data"] });
    let mut decisive = change("2001", "statuses", &delivered);
    let statuses = decisive["value"]["statuses"].as_array_mut().expect("a list");
    statuses.extend(vec![json!({ "id": "wamid.U", "status": "read" }); 50]);
    exhaust(&stack, "2001").await;
    assert_eq!(
        post(&stack, std::slice::from_ref(&decisive)).await,
        429,
        "at once, long before the outcome counts as unknown"
    );
    stack.wait_until_unknown(&id).await;
    assert_eq!(post(&stack, &[inbound("wamid.2001", "2001")]).await, 200, "callbacks arrive");

    stack.pass(UNTIL_SETTLED);
    let looks = || stack.logs().matches("callback_repeat.awaited").count();
    tests::wait::eventually("settle to check the message", || async { (looks() == 1).then_some(()) }).await;
    assert_eq!(stack.record(&id).await.status, State::Unknown);
    stack.pass(Duration::from_secs(60 * 60));
    assert_eq!(post(&stack, &[decisive]).await, 200, "as WhatsApp repeats it");
    assert_eq!(stack.status(&id).await["status"], "delivered");
}
