//! What stops a number stops it alone: refusals that are about the number or its account, and calls that hang.

use std::time::Duration;

use serde_json::{Value, json};
use shared::ids::MessageId;
use shared::state::State;
use tests::test_stack::TestStack;

use crate::PROGRAM;

const EXPRESS: &str = "ExpressQueue.fifo";
const SEND: &str = "POST /v1/messages/send";
/// Longer than `send` may believe what it knows of an instance.
const UNTIL_SEEN: Duration = Duration::from_secs(31);

fn body(to: &str) -> Value {
    json!({ "instanceId": "inst_abc123", "to": to, "message": "hi" })
}

async fn hold(stack: &TestStack, time: Duration) {
    stack.accounts.hold(&stack.instance().await, stack.now().plus(time), 130_429).await.expect("the table takes it");
}

#[tokio::test]
async fn a_number_that_sent_too_much_waits_with_all_its_messages_and_nobody_else_does() {
    let stack = TestStack::start(PROGRAM).await;
    let neighbour = stack.neighbour().await;
    let refused = stack.send_text("15561130429", "too much").await;
    stack.wait_for_asked(1).await;
    stack.wait_for_release(&refused).await;
    let other = stack.send_text("5511999999999", "of the same number").await;
    stack.wait_until_given_back(EXPRESS, 2).await;
    stack.neighbour_sends(&neighbour, "5511911111111").await;
    assert_eq!((stack.record(&other).await.attempt, stack.whatsapp().ledger().asked()), (0, 2));
    stack.pass(Duration::from_secs(6));
    for id in [refused, other] {
        stack.wait_for_status(&id, "read").await;
    }
}

#[tokio::test]
async fn a_number_that_whatsapp_has_stopped_takes_no_messages_for_a_while_and_says_so() {
    let stack = TestStack::start(PROGRAM).await;
    let refused = stack.send_text("1555131048", "spam, says WhatsApp").await;
    let status = stack.wait_for_status(&refused, "failed").await;
    assert_eq!(
        (&status["error"]["code"], &status["error"]["providerCode"]),
        (&json!("blocked_by_policy"), &json!(131_048))
    );
    stack.pass(UNTIL_SEEN);
    let (status, answer) = stack.call(SEND, body("5511999999999")).await;
    assert_eq!((status, &answer["error"]["field"]), (429, &json!("instanceId")), "{answer}");
    let wait = answer["error"]["retryAfter"].as_u64().expect("seconds");
    assert!((800..900).contains(&wait), "{wait}");
    let (_, shown) = stack.call("GET /v1/instances/inst_abc123/status", Value::Null).await;
    assert_eq!(shown["data"]["status"], "connected");
    assert!(shown["data"]["pausedUntil"].is_string(), "{shown}");
    stack.pass(Duration::from_secs(wait));
    let id = stack.send(body("5511999999999")).await;
    stack.wait_for_status(&id, "read").await;
}

#[tokio::test]
async fn a_country_that_a_number_may_not_send_to_stops_that_message_alone() {
    let stack = TestStack::start(PROGRAM).await;
    let refused = stack.send_text("1555130497", "not to this country").await;
    let status = stack.wait_for_status(&refused, "failed").await;
    assert_eq!(status["error"]["code"], "blocked_by_policy");
    stack.pass(UNTIL_SEEN);
    let id = stack.send(body("5511999999999")).await;
    stack.wait_for_status(&id, "read").await;
}

#[tokio::test]
async fn a_message_of_a_number_that_waits_expires_in_its_time() {
    let stack = TestStack::start(PROGRAM).await;
    hold(&stack, Duration::from_secs(600)).await;
    let mut late = body("5511999999999");
    late["expiresIn"] = json!(30);
    let id = stack.send(late).await;
    stack.wait_until_given_back(EXPRESS, 1).await;
    assert_eq!(stack.status(&id).await["status"], "queued");
    stack.pass(Duration::from_secs(31));
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "expired");
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
}

#[tokio::test]
async fn a_wait_that_is_longer_than_a_message_may_wait_fails_it_at_once_with_whatsapp_s_reason() {
    let stack = TestStack::start(PROGRAM).await;
    let mut short = body("1555131056");
    short["expiresIn"] = json!(3);
    let id = stack.send(short).await;
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(
        (&status["error"]["code"], &status["error"]["providerCode"]),
        (&json!("expired"), &json!(131_056)),
        "{status}"
    );
    let words = status["error"]["message"].as_str().expect("words");
    assert!(words.contains("refused on request"), "{words}");
}

#[tokio::test]
async fn a_call_that_hangs_costs_the_others_of_its_batch_nothing() {
    let stack = TestStack::start(PROGRAM).await;
    hold(&stack, Duration::from_secs(60)).await;
    let hangs = stack.send_text("15550100001", "hangs").await;
    let recipients: Vec<String> = (0..5).map(|number| format!("551190000000{number}")).collect();
    let mut first: Vec<MessageId> = Vec::new();
    for to in &recipients {
        first.push(stack.send_text(to, "first").await);
    }
    stack.wait_until_given_back(EXPRESS, 6).await;
    stack.pass(Duration::from_secs(61)); // all of them at once, so in one batch
    stack.wait_for_asked(6).await;
    for (to, first) in recipients.iter().zip(&first) {
        let second = stack.send_text(to, "second").await;
        stack.wait_for_status(first, "read").await;
        stack.wait_for_status(&second, "read").await;
    }
    assert_eq!(stack.record(&hangs).await.status, State::Sending, "it hangs still");
}

#[tokio::test]
async fn close_to_the_functions_time_out_nothing_new_is_begun() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = crate::template::changed(folder.path(), "Timeout: 30 # room for calls", "Timeout: 8 # room for calls");
    let stack = TestStack::start_with(PROGRAM, |options| options.template = copy).await;
    let id = stack.send_text("5511999999999", "hello").await;
    let given_back = || async {
        let request = stack.stack.clients.sqs.receive_message().queue_url(stack.queue_url(EXPRESS));
        let request = request.message_system_attribute_names("ApproximateReceiveCount".into());
        let message = request.send().await.ok()?.messages?.pop()?;
        let count: u32 = message.attributes?.values().next()?.parse().ok()?;
        let receipt = message.receipt_handle?;
        let back = stack.stack.clients.sqs.change_message_visibility().queue_url(stack.queue_url(EXPRESS));
        back.receipt_handle(receipt).visibility_timeout(0).send().await.ok()?;
        (count >= 5).then_some(())
    };
    tests::wait::eventually("it to be given back often", given_back).await;
    assert_eq!((stack.record(&id).await.attempt, stack.whatsapp().ledger().asked()), (0, 0));
}
