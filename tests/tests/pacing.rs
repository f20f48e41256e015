//! Send slots: no burst of a number exceeds what WhatsApp accepts from it in a second. A record keeps the slot in which its
//! message left, unless a callback comes before WhatsApp's answer. Here none does, and the simulator refuses nothing, so a
//! busy machine that sends late changes nothing.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use shared::ids::{InstanceId, MessageId};
use shared::message::State;
use tests::test_stack::{FAR_AHEAD, LONGEST_RETRY_WAIT, REFUSED_FOR_HOURS, TestStack};

/// The program that `cargo run` runs.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pombo-under-test");
const BURST: usize = 240;
/// How late a message may be that had a slot: far more than a busy machine needs, far less than what a missed slot is past.
const LATE: Duration = Duration::from_secs(60);

fn recipient(number: usize) -> String {
    format!("55119{number:08}")
}

async fn send_burst(stack: &TestStack, instance: &InstanceId, count: usize) -> Vec<MessageId> {
    stack.whatsapp().throughput().lift();
    stack.whatsapp().callbacks().silence();
    let send = |number| async move {
        stack.send(json!({ "instanceId": instance, "to": recipient(number), "message": "hello" })).await
    };
    join_all((0..count).map(send)).await
}

/// Waits until the messages of a burst have left, and checks that each left in its slot and that no second has more slots than
/// the number's rate.
async fn check_slots(stack: &TestStack, ids: &[MessageId], rate: usize) {
    stack.wait_for_taken(ids.len()).await;
    let mut slots = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        let slot = stack.wait_for_state(id, State::Sent).await.slot.millis();
        let taken = stack.whatsapp().ledger().taken_by(&recipient(number));
        assert_eq!(taken.len(), 1, "{number}");
        let valid = slot..slot + LATE.as_millis() as i64;
        assert!(valid.contains(&taken[0].at), "{number} left at {}, its slot was {slot}", taken[0].at);
        slots.push(slot);
    }
    slots.sort_unstable();
    for (first, next) in slots.iter().zip(&slots[rate..]) {
        assert!(next - first >= 1_000, "{} slots from {first} to {next}", rate + 1);
    }
}

#[tokio::test]
async fn a_burst_is_sent_in_its_slots_without_a_throughput_error() {
    let stack = TestStack::start(PROGRAM).await;
    let first_slot = stack.now().plus(FAR_AHEAD);
    stack.book_ahead(FAR_AHEAD).await; // or the first would leave while the last are being accepted
    stack.pause_instance(first_slot).await;
    let ids = send_burst(&stack, &stack.customer.instance_id, BURST).await;
    stack.wait_until_returned("BulkQueue.fifo", &ids).await;
    stack.pass(stack.now().until(first_slot));
    check_slots(&stack, &ids, 80).await;
}

#[tokio::test]
async fn messages_that_missed_their_slots_together_are_spread_out_again() {
    let stack = TestStack::start(PROGRAM).await;
    stack.pause_instance(stack.now().plus(FAR_AHEAD)).await;
    let ids = send_burst(&stack, &stack.customer.instance_id, BURST).await;
    stack.wait_until_returned("ExpressQueue.fifo", &ids).await;
    stack.pass(FAR_AHEAD + Duration::from_secs(1));
    check_slots(&stack, &ids, 80).await;
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
    let stack = TestStack::start(PROGRAM).await;
    let (_, created) = stack.call("POST /v1/instances", json!({ "name": "Shared with the app" })).await;
    let instance: InstanceId = created["data"]["id"].as_str().expect("an id").parse().expect("an id");
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "1000000000020", "accessToken": "EAAG-theirs" });
    assert_eq!(stack.call(&format!("POST /v1/instances/{instance}/connect"), connect).await.0, 200);
    let ids = send_burst(&stack, &instance, 60).await;
    check_slots(&stack, &ids, 20).await;
}
