//! Messages that `deliver` holds until their slots.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use shared::ids::MessageId;
use shared::message::State;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::{Call, Listener};
use tests::test_stack::{TestStack, UNTIL_REDELIVERY};
use tests::wait::eventually;

use crate::PROGRAM;
use crate::batches::{send, texts};

/// Nearer than what `deliver` holds.
const AHEAD: Duration = Duration::from_secs(7);
/// More than Lambda brings to all invocations of the bulk lane.
const MESSAGES: usize = 70;

/// Counts the receives of `deliver` itself, and their messages.
#[derive(Default)]
struct Receives {
    calls: AtomicUsize,
    messages: AtomicUsize,
}

impl Listener for Receives {
    fn ask(&self, body: Bytes) -> Bytes {
        body
    }

    fn answered(&self, call: &Call<'_>) {
        if call.caller == "deliver" && call.operation == "ReceiveMessage" {
            let answer: Value = serde_json::from_slice(call.answer).unwrap_or_default();
            self.calls.fetch_add(1, Ordering::Relaxed);
            self.messages.fetch_add(answer["Messages"].as_array().map_or(0, Vec::len), Ordering::Relaxed);
        }
    }
}

fn ids(accepted: &Value) -> Vec<MessageId> {
    let messages = accepted["messages"].as_array().expect("a list").iter();
    messages.map(|message| message["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id")).collect()
}

#[tokio::test]
async fn messages_that_wait_for_their_slots_do_not_keep_others_in_the_queue() {
    let (proxied, receives) = (ProxiedStack::start(PROGRAM).await, Arc::new(Receives::default()));
    proxied.sqs.listen(receives.clone());
    let stack = &proxied.stack;
    stack.book_ahead(AHEAD).await;
    send(stack, texts("551190000", MESSAGES)).await;
    let has_received = || async { (receives.messages.load(Ordering::Relaxed) > 0).then_some(()) };
    eventually("an invocation to receive more than it was brought", has_received).await;
    loop {
        stack.wait_until_idle("deliver").await;
        if stack.whatsapp().ledger().asked() >= MESSAGES {
            break;
        }
        stack.pass(UNTIL_REDELIVERY); // calls that a busy machine has answered too late are made again then
    }
}

#[tokio::test]
async fn messages_that_missed_their_slots_together_do_not_leave_together() {
    let stack = TestStack::start(PROGRAM).await;
    stack.whatsapp().callbacks().silence();
    stack.book_ahead(AHEAD).await;
    let accepted = send(&stack, texts("551190000", 10)).await;
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    let is_enqueued = || async {
        let open = stack.accounts.open_batches(account, instance).await.expect("an answer");
        open.iter().all(|batch| batch.left() == 0).then_some(())
    };
    eventually("all to be enqueued", is_enqueued).await;
    let passed = AHEAD + Duration::from_secs(1);
    let resumed = stack.now().plus(passed);
    stack.pass(passed); // as if the function had been frozen
    let mut slots = Vec::new();
    for id in ids(&accepted) {
        slots.push(stack.wait_for_state(&id, State::Sent).await.slot);
    }
    slots.sort_unstable();
    assert!(slots[0] >= resumed, "it left in the slot that it had missed");
    assert!(slots.windows(2).all(|pair| pair[0] < pair[1]), "{slots:?}");
}

#[tokio::test]
async fn a_held_message_does_not_leave_when_its_number_was_paused_meanwhile() {
    let (proxied, receives) = (ProxiedStack::start(PROGRAM).await, Arc::new(Receives::default()));
    proxied.sqs.listen(receives.clone());
    let stack = &proxied.stack;
    stack.book_ahead(AHEAD).await;
    let id = stack.send_text("5511999999999", "hello").await;
    // It receives more only while it holds one, after its look at the number.
    let holds = || async { (receives.calls.load(Ordering::Relaxed) > 0).then_some(()) };
    eventually("deliver to hold the message", holds).await;
    stack.pause_instance(stack.now().plus(Duration::from_secs(600))).await;
    stack.pass(Duration::from_secs(31)); // longer than a process remembers an instance
    stack.wait_until_idle("deliver").await;
    assert_eq!((stack.record(&id).await.status, stack.whatsapp().ledger().asked()), (State::Queued, 0));
}
