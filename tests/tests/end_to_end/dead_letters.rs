//! Dead letters of the delivery queues, which `settle` resolves by their records.

use std::time::Duration;

use bytes::Bytes;
use shared::alias::Alias;
use shared::ids::MessageId;
use shared::message::State;
use shared::phone_number::PhoneNumber;
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::FaultAt;
use tests::test_stack::{TestStack, UNTIL_SETTLED};
use tests::wait::eventually;

use crate::PROGRAM;
use crate::template_changes::changed;

const DEAD_LETTERS: &str = "DeliveryDeadLetters.fifo";
/// Until the next run of `settle`, which receives the dead letters.
const A_MINUTE: Duration = Duration::from_secs(61);

/// Puts the queue messages of records into the queue of dead letters, and lets `settle` run.
async fn leave_dead_letters<'a>(stack: &TestStack, ids: impl IntoIterator<Item = &'a MessageId>) {
    for id in ids {
        stack.enqueue(DEAD_LETTERS, id).await;
    }
    stack.pass(A_MINUTE);
}

/// Inserts queued messages, each of a conversation of its own.
async fn insert_queued(stack: &TestStack, count: usize) -> Vec<MessageId> {
    let mut ids = Vec::new();
    for number in 0..count {
        let to = || Alias::from(format!("55119000001{number:02}").parse::<PhoneNumber>().expect("a number"));
        ids.push(stack.insert_queued(|message| message.contact = to()).await);
    }
    ids
}

#[tokio::test]
async fn a_dead_letter_that_was_never_tried_is_sent() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.insert_queued(|_| {}).await;
    leave_dead_letters(&stack, [&id]).await;
    stack.wait_for_status(&id, "read").await;
    assert!(stack.logs().contains("dead_letter.received"), "an operator sees it");
}

#[tokio::test]
async fn a_dead_letter_that_was_never_tried_in_its_time_expires() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.insert_queued(|message| message.deadline = message.created_at).await;
    leave_dead_letters(&stack, [&id]).await;
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "expired");
    stack.webhook.wait_for(id.as_str(), "message.failed").await;
}

#[tokio::test]
async fn an_outage_of_the_table_longer_than_the_queue_retries_fails_no_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let impatient = changed(folder.path(), "maxReceiveCount: 1000 # the maximum", "maxReceiveCount: 2 # the maximum");
    let proxied = ProxiedStack::start_with(PROGRAM, |options| options.template = impatient).await;
    let stack = &proxied.stack;
    proxied.dynamodb.set_faults(|call, _| if call.caller == "deliver" { Fault::Unavailable } else { Fault::None });
    let id = stack.send_text("5511999999999", "hello").await;
    for _ in 0..3 {
        let seen = stack.logs().matches("dead_letter.received").count();
        let given_up = || async {
            // One step at a time, or a busy machine would let a day pass.
            let runs = stack.stack.functions["settle"].invocations();
            stack.pass(A_MINUTE);
            let has_run = || async { (stack.stack.functions["settle"].invocations() > runs).then_some(()) };
            eventually("settle to run", has_run).await;
            stack.wait_until_idle("settle").await;
            (stack.logs().matches("dead_letter.received").count() > seen).then_some(())
        };
        eventually("the queue to give the message up", given_up).await;
    }
    assert_eq!(stack.record(&id).await.status, State::Queued);
    proxied.dynamodb.set_faults(|_, _| Fault::None);
    let read = || async {
        stack.pass(Duration::from_secs(1));
        (stack.status(&id).await["status"] == "read").then_some(())
    };
    eventually("the message to be sent and read", read).await;
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
            message.lease = None;
        })
        .await;
    let asked = stack.whatsapp().ledger().asked();
    leave_dead_letters(&stack, [&id]).await;
    stack.wait_for_state(&id, State::Unknown).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.note_callback_now().await;
    stack.pass(UNTIL_SETTLED);
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "unknown_outcome");
    assert_eq!(stack.whatsapp().ledger().asked(), asked);
}

#[tokio::test]
async fn a_dead_letter_that_another_process_sends_is_left_to_it() {
    let stack = TestStack::start(PROGRAM).await;
    let lease = Duration::from_secs(300);
    let until = stack.now().plus(lease);
    let id = stack
        .insert_queued(|message| {
            message.status = State::Sending;
            message.rank = State::Sending.rank();
            message.attempt = 1;
            message.claim = Some("req_of_another_process".to_owned());
            message.lease = Some(until);
        })
        .await;
    leave_dead_letters(&stack, [&id]).await;
    let left = || async { stack.logs().contains("queue_message.processing_failed").then_some(()) };
    eventually("settle to leave the message", left).await;
    assert_eq!(stack.record(&id).await.status, State::Sending);
    stack.pass(lease);
    stack.wait_for_state(&id, State::Unknown).await;
}

#[tokio::test]
async fn a_dead_letter_of_a_sent_message_changes_nothing() {
    let stack = TestStack::start(PROGRAM).await;
    let id = stack.send_text("5511999999999", "hello").await;
    stack.wait_for_status(&id, "read").await;
    leave_dead_letters(&stack, [&id]).await;
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
    leave_dead_letters(&stack, [&id]).await;
    stack.wait_for_delayed("SettleQueue", 1).await;
    stack.pass(Duration::from_secs(24 * 60 * 60 + 5));
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "unknown_outcome");
}

#[tokio::test]
async fn more_dead_letters_than_a_batch_are_settled_by_one_run() {
    let stack = TestStack::start(PROGRAM).await;
    let ids = insert_queued(&stack, 25).await;
    leave_dead_letters(&stack, &ids).await;
    stack.wait_until_empty(DEAD_LETTERS).await;
    for id in &ids {
        stack.wait_for_status(id, "read").await;
    }
    assert_eq!(stack.logs().matches("dead_letter.received").count(), ids.len());
}

#[tokio::test]
async fn a_dead_letter_that_could_not_be_deleted_is_settled_again_and_sent_once() {
    let ProxiedStack { stack, dynamodb: _dynamodb, sqs, whatsapp: _whatsapp, s3: _s3 } =
        ProxiedStack::start(PROGRAM).await;
    let ids = insert_queued(&stack, 1).await;
    let asked = stack.whatsapp().ledger().asked();
    sqs.set_faults(|call, _| match (call.caller.as_str(), call.operation.as_str()) {
        ("settle", "DeleteMessageBatch") => Fault::Unavailable,
        _ => Fault::None,
    });
    leave_dead_letters(&stack, &ids).await;
    stack.wait_for_status(&ids[0], "read").await;
    stack.wait_until_idle("settle").await;
    sqs.set_faults(|_, _| Fault::None);
    stack.pass(A_MINUTE);
    stack.wait_until_empty(DEAD_LETTERS).await;
    assert_eq!(
        (stack.logs().matches("dead_letter.received").count(), stack.whatsapp().ledger().asked()),
        (2, asked + 1)
    );
}

#[tokio::test]
async fn of_two_runs_at_once_each_settles_what_the_other_has_not_received() {
    let ProxiedStack { stack, dynamodb, sqs: _sqs, whatsapp: _whatsapp, s3: _s3 } = ProxiedStack::start(PROGRAM).await;
    let ids = insert_queued(&stack, 25).await;
    let taken = stack.whatsapp().ledger().taken().len();
    dynamodb.inject([FaultAt("settle", "GetItem", 1, &[Fault::FreezeBefore])]);
    leave_dead_letters(&stack, &ids).await;
    dynamodb.wait_until_frozen().await;
    let other = stack.stack.functions["settle"].invoke(Bytes::from_static(b"{}")).await;
    assert!(other.is_ok(), "{other:?}");
    dynamodb.resume();
    stack.wait_until_idle("settle").await;
    stack.pass(A_MINUTE);
    for id in &ids {
        stack.wait_for_status(id, "read").await;
    }
    stack.wait_until_empty(DEAD_LETTERS).await;
    assert_eq!(stack.whatsapp().ledger().taken().len(), taken + ids.len());
}
