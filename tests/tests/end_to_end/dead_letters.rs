//! Dead letters of the delivery queues, which `settle` resolves by their records.

use std::time::Duration;

use shared::message::State;
use tests::test_stack::{TestStack, UNTIL_SETTLED};

use crate::PROGRAM;

const DEAD_LETTERS: &str = "DeliveryDeadLetters.fifo";

#[tokio::test]
async fn a_dead_letter_that_was_never_tried_fails() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.insert_queued(|_| {}).await;
    stack.enqueue(DEAD_LETTERS, &id).await;
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "provider_error");
    stack.webhook.wait_for(id.as_str(), "message.failed").await;
    assert!(stack.logs().contains("dead_letter.received"), "an operator sees it");
}

#[tokio::test]
async fn a_dead_letter_that_was_being_sent_fails_as_unknown_unposted() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack
        .insert_queued(|message| {
            message.status = State::Sending;
            message.rank = State::Sending.rank();
            message.attempt = 1;
            message.claim = Some("req_of_a_process_that_died".to_owned());
        })
        .await;
    let asked = stack.whatsapp().ledger().asked();
    stack.enqueue(DEAD_LETTERS, &id).await;
    stack.wait_for_state(&id, State::Unknown).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.note_callback_now().await;
    stack.pass(UNTIL_SETTLED);
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "unknown_outcome");
    assert_eq!(stack.whatsapp().ledger().asked(), asked);
}

#[tokio::test]
async fn a_dead_letter_of_a_sent_message_changes_nothing() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text("5511999999999", "hello").await;
    stack.wait_for_status(&id, "read").await;
    stack.enqueue(DEAD_LETTERS, &id).await;
    stack.wait_until_empty(DEAD_LETTERS).await;
    assert_eq!(stack.status(&id).await["status"], "read");
    stack.webhook.wait_until_read(id.as_str()).await;
}

#[tokio::test]
async fn a_dead_letter_that_whatsapp_holds_is_checked_until_it_has_failed() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack
        .insert_queued(|message| {
            message.status = State::Held;
            message.rank = State::Held.rank();
            message.attempt = 1;
        })
        .await;
    stack.enqueue(DEAD_LETTERS, &id).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.pass(Duration::from_secs(24 * 60 * 60 + 5));
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "unknown_outcome");
}
