//! Promise 3: erasing a phone number's messages changes no credits, whatever is still in progress.

use std::time::Duration;

use serde_json::{Value, json};
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::{FAR_AHEAD, TestStack};
use tests::wait::eventually;

use crate::PROGRAM;

const PHONE: &str = "5511900000001";

/// The credits after `settle` has released the reservations, as it does within 75 seconds.
async fn credits_once_settled(stack: &TestStack) -> i64 {
    stack.pass(Duration::from_secs(76));
    let is_settled = || async {
        let ledger = stack.ledger(&stack.customer.account_id).await;
        ledger.reservations.is_empty().then_some(ledger.credits)
    };
    eventually("settle to release the reservations", is_settled).await
}

#[tokio::test]
async fn a_message_that_is_erased_after_it_was_sent_is_not_refunded() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let id = stack.send_text(PHONE, "hello").await;
    stack.wait_for_status(&id, "read").await;
    assert_eq!(stack.erase(PHONE).await, json!({ "erased": 1, "remaining": 0 }));
    assert_eq!(stack.call(&format!("GET /v1/messages/{id}/status"), Value::Null).await.0, 404);
    assert_eq!(credits_once_settled(&stack).await, before - 1);
    assert_eq!(stack.erase(PHONE).await, json!({ "erased": 0, "remaining": 0 }));
}

#[tokio::test]
async fn a_queued_message_that_is_erased_is_refunded_once() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    stack.book_ahead(FAR_AHEAD).await;
    let id = stack.send_text(PHONE, "hello").await;
    stack.wait_until_returned("BulkQueue.fifo", [&id]).await;
    assert_eq!(stack.erase(PHONE).await, json!({ "erased": 1, "remaining": 0 }));
    assert_eq!(credits_once_settled(&stack).await, before);
    stack.pass(FAR_AHEAD);
    stack.wait_until_idle("deliver").await;
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
}

#[tokio::test]
async fn the_key_of_an_erased_message_sends_no_second_one() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let before = proxied.stack.ledger(&proxied.stack.customer.account_id).await.credits;
    let (status, accepted) = proxied.post(Some("once")).await.expect("an answer");
    assert_eq!(status, 202);
    proxied.wait_until_read(&accepted).await;
    // The recipient of `post` has written before.
    assert_eq!(proxied.stack.erase("5511999999999").await, json!({ "erased": 2, "remaining": 0 }));
    let (status, answer) = proxied.post(Some("once")).await.expect("an answer");
    assert_eq!((status, &answer["error"]["code"]), (422, &json!("idempotency_key_reused")));
    assert_eq!(proxied.at_rest().await, (1, before - 1, 0));
}
