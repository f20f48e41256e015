//! Messages that `deliver` holds until their slots.

use std::time::Duration;

use serde_json::Value;
use shared::ids::MessageId;
use shared::message::State;
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::batches::{send, texts};

const BULK: &str = "BulkQueue.fifo";
/// Nearer than what `deliver` holds, and far enough for it to receive them all before.
const AHEAD: Duration = Duration::from_secs(6);
/// More than Lambda brings to all invocations of the bulk lane.
const MESSAGES: usize = 90;

fn ids(accepted: &Value) -> Vec<MessageId> {
    let messages = accepted["messages"].as_array().expect("a list").iter();
    messages.map(|message| message["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id")).collect()
}

#[tokio::test]
async fn messages_that_wait_for_their_slots_do_not_keep_others_in_the_queue() {
    let stack = TestStack::start(PROGRAM).await;
    stack.book_ahead(AHEAD).await;
    send(&stack, texts("551190000", MESSAGES)).await;
    stack.wait_for_in_flight(BULK, MESSAGES).await;
    stack.wait_for_asked(MESSAGES).await;
}

#[tokio::test]
async fn messages_that_missed_their_slots_together_do_not_leave_together() {
    let stack = TestStack::start(PROGRAM).await;
    stack.whatsapp().callbacks().silence();
    stack.book_ahead(AHEAD).await;
    let accepted = send(&stack, texts("551190000", 10)).await;
    stack.wait_for_in_flight(BULK, 10).await;
    let passed = AHEAD + Duration::from_secs(1);
    stack.pass(passed); // as if the function had been frozen
    let resumed = stack.now();
    let mut slots = Vec::new();
    for id in ids(&accepted) {
        slots.push(stack.wait_for_state(&id, State::Sent).await.slot);
    }
    slots.sort_unstable();
    assert!(slots[0] >= resumed, "it left in the slot that it had missed");
    assert!(slots.windows(2).all(|pair| pair[0] < pair[1]), "{slots:?}");
}
