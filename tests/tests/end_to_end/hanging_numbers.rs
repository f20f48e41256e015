//! Promise 8: a number whose calls hang delays no other number's messages.

use std::time::Duration;

use shared::aws::{ItemKey, UpdateBuilder};
use shared::instance::circuit_breaker::FIRST_PAUSE;
use shared::message::State;
use tests::test_stack::{TestStack, UNTIL_REDELIVERY};
use tests::wait::eventually;

use crate::PROGRAM;
use crate::batches::{A_MINUTE, let_settle_run, send, texts};
use crate::template_changes::changed;

const EXPRESS: &str = "ExpressQueue.fifo";
/// The simulator never answers these recipients' messages: one for each batch that the local stack processes at the same
/// time.
const HANG: [&str; 4] = ["15550100001", "15550100002", "15550100003", "15550100011"];
const FRIEND: &str = "5511900000001";

#[tokio::test]
async fn a_number_whose_calls_hang_does_not_delay_another_number() {
    let stack = TestStack::start(PROGRAM).await;
    let neighbour = stack.neighbour().await;
    let mut hanging = Vec::new();
    for (count, to) in HANG.iter().enumerate() {
        hanging.push(stack.send_text(to, "hangs").await);
        stack.wait_for_asked(count + 1).await; // each in a batch of its own
    }
    let behind = stack.send_text(FRIEND, "of the number that hangs").await;
    stack.neighbour_sends(&neighbour, "5511911111111").await;
    for id in &hanging {
        assert_ne!(stack.record(id).await.status, State::Unknown, "the neighbour waited for a call that hangs");
    }
    assert_eq!(stack.record(&behind).await.attempt, 0, "one more message was posted from a number that hangs");
}

#[tokio::test]
async fn a_call_without_an_answer_opens_the_circuit_of_its_number() {
    let folder = tempfile::tempdir().expect("a folder");
    // The shorter the invocation, the sooner it gives a call up.
    let shorter = changed(folder.path(), "Timeout: 30 # room for calls", "Timeout: 10 # room for calls");
    let stack = TestStack::start_with(PROGRAM, |options| options.template = shorter).await;
    let hangs = stack.send_text(HANG[0], "hangs").await;
    stack.wait_for_state(&hangs, State::Unknown).await;
    eventually("the circuit to open", || async { stack.instance().await.unanswered }).await;
    let behind = stack.send_text(FRIEND, "waits").await;
    stack.wait_until_returned(EXPRESS, [&behind]).await;
    assert_eq!((stack.record(&behind).await.attempt, stack.whatsapp().ledger().asked()), (0, 1));
    stack.pass(FIRST_PAUSE);
    stack.wait_for_status(&behind, "read").await;
    eventually("the circuit to close", || async { stack.instance().await.unanswered.is_none().then_some(()) }).await;
}

#[tokio::test]
async fn one_message_probes_a_number_that_hung() {
    let stack = TestStack::start(PROGRAM).await;
    stack.accounts.open_circuit(&stack.instance().await, stack.now()).await.expect("the table takes it");
    let mut waiting = Vec::new();
    for to in HANG {
        waiting.push(stack.send_text(to, "waits").await);
    }
    stack.wait_until_returned(EXPRESS, &waiting).await;
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
    stack.pass(FIRST_PAUSE + Duration::from_secs(1));
    stack.wait_for_asked(1).await;
    let is_probed = || async { (stack.instance().await.unanswered == Some(2)).then_some(()) };
    eventually("the probe to be noted", is_probed).await;
    stack.wait_for_in_flight(EXPRESS, waiting.len()).await;
    assert_eq!(stack.whatsapp().ledger().asked(), 1, "the others wait for the probe");
    // The probe's process ends, and the next message probes the number again.
    tests::process::kill(stack.pid("deliver"));
    stack.pass(UNTIL_REDELIVERY);
    stack.wait_for_asked(2).await;
}

#[tokio::test]
async fn a_number_that_does_not_answer_has_few_of_its_messages_in_the_queue_that_others_share() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    let silent = UpdateBuilder::new().set("unanswered", 3).set("holdUntil", stack.now().plus(Duration::from_secs(100)));
    stack.accounts.update(ItemKey::instance(account, instance), &silent).await.expect("the table takes it");
    send(&stack, texts("551190000", 60)).await;
    let enqueued = async || stack.accounts.open_batches(account, instance).await.ok()?.pop().map(|open| open.next);
    eventually("rows to be enqueued", || async { enqueued().await.filter(|next| *next > 0) }).await;
    stack.wait_until_idle("settle").await;
    assert_eq!(enqueued().await, Some(10), "one of them shows whether it answers again");
    let_settle_run(&stack, A_MINUTE).await;
    assert_eq!(enqueued().await, Some(20));
}
