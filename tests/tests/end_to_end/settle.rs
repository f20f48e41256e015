//! What comes to settle: dead letters, and attempts that callbacks have settled meanwhile.

use std::time::Duration;

use shared::delivery_queue::Delivery;
use shared::ids::MessageId;
use shared::message::Message;
use shared::state::State;
use tests::test_stack::{TestStack, UNTIL_SETTLED};

use crate::PROGRAM;

/// A record as send makes it, which lies in no queue.
async fn record(stack: &TestStack, change: impl FnOnce(&mut Message)) -> MessageId {
    let accepted = stack.send_text("5511999999999", "hello").await;
    stack.wait_for_status(&accepted, "read").await;
    let mut message = Message {
        id: MessageId::generate(),
        status: State::Queued,
        rank: State::Queued.rank(),
        attempt: 0,
        sent_at: None,
        delivered_at: None,
        read_at: None,
        provider_id: None,
        ev: None,
        ..stack.record(&accepted).await
    };
    change(&mut message);
    stack.messages.insert(&message).await.expect("the table takes it");
    message.id
}

async fn bury(stack: &TestStack, id: &MessageId) {
    let Message { account_id, instance_id, slot, deadline, .. } = stack.record(id).await;
    let delivery = Delivery { message_id: id.clone(), account_id, instance_id, slot, deadline };
    let body = serde_json::to_string(&delivery).expect("JSON");
    let request = stack.stack.clients.sqs.send_message().queue_url(stack.queue_url("DeliveryDeadLetters.fifo"));
    let request = request.message_group_id("a").message_deduplication_id(id.as_str()).message_body(body);
    request.send().await.expect("the queue takes it");
}

#[tokio::test]
async fn a_dead_letter_that_was_never_tried_fails() {
    let stack = TestStack::start(PROGRAM).await;
    let id = record(&stack, |_| {}).await;
    bury(&stack, &id).await;
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "provider_error");
    stack.webhook.wait_for(id.as_str(), "message.failed").await;
}

#[tokio::test]
async fn a_dead_letter_that_was_being_sent_is_unknown_and_then_unconfirmed_and_never_posted() {
    let stack = TestStack::start(PROGRAM).await;
    let id = record(&stack, |message| {
        message.status = State::Sending;
        message.rank = State::Sending.rank();
        message.attempt = 1;
        message.claim = Some("req_of_a_process_that_died".to_owned());
    })
    .await;
    let asked = stack.whatsapp().ledger().asked();
    bury(&stack, &id).await;
    stack.wait_for_state(&id, State::Unknown).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.hear_from_whatsapp().await;
    stack.pass(UNTIL_SETTLED);
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "unknown_outcome");
    assert_eq!(stack.whatsapp().ledger().asked(), asked);
}

#[tokio::test]
async fn a_dead_letter_that_is_put_back_changes_nothing_of_a_message_that_was_sent() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text("5511999999999", "hello").await;
    stack.wait_for_status(&id, "read").await;
    bury(&stack, &id).await;
    let after = record(&stack, |_| {}).await;
    bury(&stack, &after).await; // the same group: when this one is settled, so was the other
    stack.wait_for_status(&after, "failed").await;
    assert_eq!(stack.status(&id).await["status"], "read");
    stack.webhook.wait_until_read(id.as_str()).await;
}

#[tokio::test]
async fn a_dead_letter_that_whatsapp_holds_is_looked_at_until_it_has_an_end() {
    let stack = TestStack::start(PROGRAM).await;
    let id = record(&stack, |message| {
        message.status = State::Held;
        message.rank = State::Held.rank();
        message.attempt = 1;
    })
    .await;
    bury(&stack, &id).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.pass(Duration::from_secs(24 * 60 * 60 + 5));
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "unknown_outcome");
}
