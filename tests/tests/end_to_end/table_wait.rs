//! Messages that may not leave within two minutes wait in the table: they fill no queue (promise 8), keep their order (7), and
//! are neither lost nor sent twice when the feeder fails anywhere (1, 2).

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::ids::MessageId;
use shared::instance::PAUSE_SEEN;
use shared::message::{State, WAITING_SHARDS};
use tests::fault::Fault;
use tests::proxied_stack::ProxiedStack;
use tests::proxy::FaultAt;
use tests::test_stack::TestStack;
use tests::wait::eventually;

use crate::PROGRAM;

const EXPRESS: &str = "ExpressQueue.fifo";
const BULK: &str = "BulkQueue.fifo";
const RECIPIENT: &str = "5511900000001";
const SIX_HOURS: Duration = Duration::from_secs(6 * 3600);
const FIVE_MINUTES: Duration = Duration::from_secs(300);
/// Until every process sees the pause and has received what waited for that.
const UNTIL_SEEN: Duration = PAUSE_SEEN.saturating_add(Duration::from_secs(1));
const A_MINUTE: Duration = Duration::from_secs(61);

/// How many messages wait in the table.
async fn waiting(stack: &TestStack) -> usize {
    let mut count = 0;
    for shard in 0..WAITING_SHARDS {
        let query = stack.stack.clients.dynamodb.query().table_name(&stack.stack.tables["Messages"]);
        let query = query.index_name("byDue").key_condition_expression("waits = :shard");
        let query = query.expression_attribute_values(":shard", AttributeValue::S(shard.to_string()));
        count += query.send().await.expect("the table answers").items().len();
    }
    count
}

async fn wait_for_waiting(stack: &TestStack, count: usize) {
    eventually(&format!("{count} messages to wait"), || async { (waiting(stack).await == count).then_some(()) }).await;
}

/// Moves the clock and waits until the feeder has run.
async fn pass_and_feed(stack: &TestStack, time: Duration) {
    let settle = &stack.stack.functions["settle"];
    let runs = settle.invocations();
    stack.pass(time);
    eventually("the feeder to run", || async { (settle.invocations() > runs).then_some(()) }).await;
    stack.wait_until_idle("settle").await;
}

/// The texts that the recipient got, in their order.
fn texts(stack: &TestStack) -> Vec<String> {
    let taken = stack.whatsapp().ledger().taken_by(RECIPIENT);
    taken.iter().filter_map(|taken| taken.message["text"]["body"].as_str().map(str::to_owned)).collect()
}

/// Sends texts from a paused instance, and waits until they wait in the table.
async fn send_while_paused(stack: &TestStack, texts: &[&str]) -> Vec<MessageId> {
    let mut sent = Vec::new();
    for text in texts {
        sent.push(stack.send_text(RECIPIENT, text).await);
    }
    stack.wait_until_returned(EXPRESS, &sent[..1]).await; // the others are behind it
    stack.pass(UNTIL_SEEN);
    wait_for_waiting(stack, texts.len()).await;
    stack.wait_until_empty(EXPRESS).await;
    sent
}

#[tokio::test]
async fn a_campaign_waits_in_the_table_until_its_slots() {
    let stack = TestStack::start(PROGRAM).await;
    stack.book_ahead(FIVE_MINUTES).await;
    let mut campaign = Vec::new();
    for number in 0..12 {
        campaign.push(stack.send_text(RECIPIENT, &number.to_string()).await);
    }
    assert_eq!((waiting(&stack).await, stack.visible(BULK).await), (12, 0));
    stack.wait_for_in_flight(BULK, 0).await;
    stack.pass(FIVE_MINUTES - A_MINUTE); // the feeder enqueues them, and they wait for their slots
    stack.wait_until_returned(BULK, &campaign[..1]).await;
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
    stack.pass(A_MINUTE);
    for id in &campaign {
        stack.wait_for_state(id, State::Read).await;
    }
    assert_eq!(texts(&stack), (0..12).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(waiting(&stack).await, 0);
}

#[tokio::test]
async fn messages_of_a_paused_number_fill_no_queue_and_keep_their_order() {
    let stack = TestStack::start(PROGRAM).await;
    let thirteen_hours = Duration::from_secs(13 * 3600); // longer than a queue hides a message
    stack.pause_instance(stack.now().plus(thirteen_hours)).await;
    let sent = send_while_paused(&stack, &["first", "second"]).await;
    let third = stack.send_text(RECIPIENT, "third").await;
    wait_for_waiting(&stack, 3).await;
    stack.pass(thirteen_hours);
    for id in sent.iter().chain([&third]) {
        stack.wait_for_status(id, "read").await;
    }
    assert_eq!(
        (texts(&stack).as_slice(), stack.whatsapp().ledger().asked()),
        (&["first", "second", "third"].map(str::to_owned)[..], 3)
    );
}

/// Until its faults are reset, nothing is enqueued from the table.
fn stop_feeder(proxied: &ProxiedStack) {
    proxied.dynamodb.set_faults(|call, _| {
        let is_feeder = call.caller == "settle" && call.operation == "Query";
        if is_feeder { Fault::Unavailable } else { Fault::None }
    });
}

/// Asserts that the message `second` waits behind the first, and leaves after it when the feeder is back.
async fn waits_behind(proxied: &ProxiedStack, second: &MessageId) {
    let stack = &proxied.stack;
    wait_for_waiting(stack, 2).await;
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
    proxied.dynamodb.set_faults(|_, _| Fault::None);
    stack.pass(A_MINUTE);
    stack.wait_for_status(second, "read").await;
    assert_eq!(texts(stack), ["first", "second"]);
}

/// `ExpressWaitsBehind`
#[tokio::test]
async fn a_message_after_the_pause_leaves_behind_those_that_still_wait() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    stack.pause_instance(stack.now().plus(SIX_HOURS)).await;
    send_while_paused(stack, &["first"]).await;
    stop_feeder(&proxied);
    stack.pass(SIX_HOURS);
    let second = stack.send_text(RECIPIENT, "second").await;
    waits_behind(&proxied, &second).await;
}

/// `BulkWaitsBehind`
#[tokio::test]
async fn a_bulk_message_leaves_behind_an_earlier_one_that_waits() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    stop_feeder(&proxied);
    stack.book_ahead(FIVE_MINUTES).await;
    stack.send_text(RECIPIENT, "first").await;
    assert_eq!(waiting(stack).await, 1);
    stack.pass(FIVE_MINUTES);
    let second = stack.send_text(RECIPIENT, "second").await; // its slot is now
    waits_behind(&proxied, &second).await;
}

/// `FedUntilClaimed`
#[tokio::test]
async fn a_message_whose_feeder_crashes_is_sent_once() {
    for fault in [&[Fault::KillBefore], &[Fault::KillAfter]] {
        let proxied = ProxiedStack::start(PROGRAM).await;
        let stack = &proxied.stack;
        stack.book_ahead(FIVE_MINUTES).await;
        let id = stack.send_text(RECIPIENT, "once").await;
        stack.send_text("5511900000002", "another").await;
        proxied.sqs.inject([FaultAt("settle", "SendMessageBatch", 1, fault)]);
        pass_and_feed(stack, FIVE_MINUTES).await;
        pass_and_feed(stack, A_MINUTE).await;
        stack.wait_for_status(&id, "read").await;
        pass_and_feed(stack, A_MINUTE).await;
        stack.wait_until_empty(BULK).await;
        assert_eq!(texts(stack), ["once"], "{fault:?}");
    }
}

#[tokio::test]
async fn a_message_whose_queue_does_not_answer_the_feeder_is_sent_once() {
    for fault in [Fault::Unavailable, Fault::FailAfter] {
        let proxied = ProxiedStack::start(PROGRAM).await;
        let stack = &proxied.stack;
        stack.book_ahead(FIVE_MINUTES).await;
        let id = stack.send_text(RECIPIENT, "once").await;
        proxied.sqs.set_faults(move |call, _| if call.operation == "SendMessageBatch" { fault } else { Fault::None });
        pass_and_feed(stack, FIVE_MINUTES).await;
        proxied.sqs.set_faults(|_, _| Fault::None);
        stack.pass(A_MINUTE);
        stack.wait_for_status(&id, "read").await;
        stack.wait_until_empty(BULK).await;
        assert_eq!(texts(stack), ["once"], "{fault}");
    }
}

#[tokio::test]
async fn a_waiting_message_is_canceled_and_expires() {
    let stack = TestStack::start(PROGRAM).await;
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    stack.book_ahead(FIVE_MINUTES).await;
    let canceled = stack.send_text(RECIPIENT, "cancelled").await;
    let short = json!({ "instanceId": "inst_abc123", "to": RECIPIENT, "message": "expires", "expiresIn": 200 });
    let expires = stack.send(short).await;
    assert_eq!(waiting(&stack).await, 2);
    let (status, answer) = stack.call(&format!("DELETE /v1/messages/{canceled}"), Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(waiting(&stack).await, 1);
    stack.pass(Duration::from_secs(201));
    let status = stack.wait_for_status(&expires, "failed").await;
    assert_eq!(status["error"]["code"], "expired");
    assert_eq!((waiting(&stack).await, stack.ledger(&stack.customer.account_id).await.credits), (0, before));
    pass_and_feed(&stack, FIVE_MINUTES).await;
    stack.wait_until_empty(BULK).await;
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
}

/// A process of `send` that crashes after the record leaves a reservation, and the message is where it should be already.
#[tokio::test]
async fn a_waiting_message_whose_request_broke_off_is_sent_once() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    stack.send_text("5511900000009", "hello").await; // or there may be no process
    stack.book_ahead(FIVE_MINUTES).await;
    proxied.fault_at("PutItem", Fault::KillAfter);
    assert!(proxied.post(None).await.is_none_or(|(status, _)| status >= 500));
    assert_eq!(waiting(stack).await, 1);
    stack.pass(A_MINUTE);
    let released = || async { stack.ledger(&stack.customer.account_id).await.reservations.is_empty().then_some(()) };
    eventually("settle to release the reservation", released).await;
    stack.pass(FIVE_MINUTES);
    stack.wait_for_taken(2).await;
    stack.wait_until_empty(BULK).await;
    assert_eq!(stack.whatsapp().ledger().asked(), 2);
}

#[tokio::test]
async fn the_feeder_reads_an_instance_without_a_number_once() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    stack.book_ahead(FIVE_MINUTES).await;
    let mut sent = Vec::new();
    for at in 0..20 {
        sent.push(stack.send_text(&format!("55119000000{at:02}"), "hello").await);
    }
    let (status, answer) = stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    proxied.dynamodb.reset_counts();
    stack.pass(FIVE_MINUTES);
    for id in &sent {
        stack.wait_for_status(id, "failed").await;
    }
    let reads = proxied.dynamodb.calls_by_caller().get(&("settle".to_owned(), "GetItem".to_owned())).copied();
    assert!(reads.unwrap_or_default() < sent.len(), "{reads:?} reads of one instance for {} messages", sent.len());
}
