//! Send slots: no burst causes WhatsApp's throughput error for a number with 80 messages a second. The simulator
//! enforces that limit over a sliding second of real time, so these tests do not run in parallel with others.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use shared::ids::MessageId;
use tests::test_stack::{FAR_AHEAD, LONGEST_RETRY_WAIT, REFUSED_FOR_HOURS, TestStack};

/// The program that `cargo run` runs.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pombo-under-test");
const BURST: usize = 240;

async fn send_burst(stack: &TestStack) -> Vec<MessageId> {
    let send = |number: usize| async move { stack.send_text(&format!("55119{number:08}"), "hello").await };
    join_all((0..BURST).map(send)).await
}

#[tokio::test]
async fn a_burst_is_sent_in_its_slots_without_a_throughput_error() {
    let stack = TestStack::start(PROGRAM).await;
    let first_slot = stack.now().plus(FAR_AHEAD);
    stack.book_ahead(FAR_AHEAD).await; // or the first would leave while the last are being accepted
    stack.pause_instance(first_slot).await;
    let ids = send_burst(&stack).await;
    stack.wait_until_returned("BulkQueue.fifo", &ids).await;
    stack.pass(stack.now().until(first_slot));
    stack.wait_for_taken(BURST).await;
    assert_eq!((stack.whatsapp().ledger().throttled(), stack.whatsapp().ledger().asked()), (0, BURST));
}

#[tokio::test]
async fn messages_that_missed_their_slots_together_are_spread_out_again() {
    let stack = TestStack::start(PROGRAM).await;
    stack.pause_instance(stack.now().plus(FAR_AHEAD)).await;
    let ids = send_burst(&stack).await;
    stack.wait_until_returned("ExpressQueue.fifo", &ids).await;
    stack.pass(FAR_AHEAD + Duration::from_secs(1));
    stack.wait_for_taken(BURST).await;
    assert_eq!((stack.whatsapp().ledger().throttled(), stack.whatsapp().ledger().asked()), (0, BURST));
}

#[tokio::test]
async fn a_retried_message_does_not_wait_for_a_campaign_of_its_number() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text(REFUSED_FOR_HOURS, "code 1234").await;
    stack.wait_for_attempt(&id, 1).await;
    stack.book_ahead(LONGEST_RETRY_WAIT + FAR_AHEAD).await;
    stack.pass(LONGEST_RETRY_WAIT);
    stack.wait_for_status(&id, "read").await;
}

#[tokio::test]
async fn a_number_that_is_in_use_in_the_app_sends_twenty_messages_a_second() {
    const COUNT: usize = 60;
    let stack = TestStack::start(PROGRAM).await;
    let (_, created) = stack.call("POST /v1/instances", json!({ "name": "Shared with the app" })).await;
    let instance = created["data"]["id"].as_str().expect("an id").to_owned();
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "1000000000020", "accessToken": "EAAG-theirs" });
    assert_eq!(stack.call(&format!("POST /v1/instances/{instance}/connect"), connect).await.0, 200);
    let send = |number: usize| {
        stack.send(json!({ "instanceId": instance, "to": format!("55119{number:08}"), "message": "hello" }))
    };
    join_all((0..COUNT).map(send)).await;
    stack.wait_for_taken(COUNT).await;
    assert_eq!((stack.whatsapp().ledger().throttled(), stack.whatsapp().ledger().asked()), (0, COUNT));
}
