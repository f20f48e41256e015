//! Slots: no burst of ours draws WhatsApp's throughput error from a number of 80 messages a second. The simulator holds
//! that limit over a sliding second, by real time, so these run by themselves and not beside everything else.

use std::time::Duration;

use futures::future::join_all;
use shared::clock::Timestamp;
use tests::test_stack::TestStack;

/// The program that `cargo run` runs.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pombo-under-test");
const BURST: usize = 240;

async fn hold(stack: &TestStack, until: Timestamp) {
    stack.accounts.hold(&stack.instance().await, until, 130_429).await.expect("the table takes it");
}

async fn send_burst(stack: &TestStack) {
    let send = |number: usize| async move { stack.send_text(&format!("55119{number:08}"), "hello").await };
    join_all((0..BURST).map(send)).await;
}

#[tokio::test]
async fn a_burst_that_is_there_at_once_leaves_in_its_slots() {
    let stack = TestStack::start(PROGRAM).await;
    let first_slot = stack.now().plus(Duration::from_secs(60));
    stack.book_ahead(Duration::from_secs(60)).await;
    hold(&stack, first_slot).await; // or the first would leave while the last are being accepted
    send_burst(&stack).await;
    stack.wait_until_given_back("BulkQueue.fifo", BURST).await;
    stack.pass(stack.now().until(first_slot));
    stack.wait_for_taken(BURST).await;
    assert_eq!((stack.whatsapp().ledger().throttled(), stack.whatsapp().ledger().asked()), (0, BURST));
}

#[tokio::test]
async fn messages_that_missed_their_slots_together_do_not_leave_together() {
    let stack = TestStack::start(PROGRAM).await;
    hold(&stack, stack.now().plus(Duration::from_secs(600))).await;
    send_burst(&stack).await;
    stack.wait_until_given_back("ExpressQueue.fifo", BURST).await;
    stack.pass(Duration::from_secs(601));
    stack.wait_for_taken(BURST).await;
    assert_eq!((stack.whatsapp().ledger().throttled(), stack.whatsapp().ledger().asked()), (0, BURST));
}

#[tokio::test]
async fn a_message_that_is_tried_again_behind_a_campaign_does_not_wait_until_the_campaign_has_left() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text("15561131000", "code 1234").await;
    stack.wait_for_asked(1).await;
    stack.wait_for_release(&id).await;
    stack.book_ahead(Duration::from_secs(600)).await;
    stack.pass(Duration::from_secs(4));
    stack.wait_for_status(&id, "read").await;
}
