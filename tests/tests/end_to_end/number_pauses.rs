//! Pauses of a number affect that number only: refusals of the number or its account, and calls that hang.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodbstreams::types::AttributeValue;
use serde_json::{Value, json};
use shared::ids::MessageId;
use shared::message::State;
use tests::test_stack::{LONGEST_RETRY_WAIT, TestStack};

use crate::PROGRAM;

const EXPRESS: &str = "ExpressQueue.fifo";
/// The simulator refuses this number's first message because the sender has sent too much, and requests a wait of 99 minutes.
const PAUSED_FOR_HOURS: &str = "155899130429";
/// The most messages of one batch (template.yaml).
const BATCH: usize = 10;
/// Longer than `send` caches an instance.
const UNTIL_SEEN: Duration = Duration::from_secs(31);

fn body(to: &str) -> Value {
    json!({ "instanceId": "inst_abc123", "to": to, "message": "hi" })
}

#[tokio::test]
async fn a_throttled_number_waits_and_delays_no_other() {
    let stack = TestStack::start(PROGRAM).await;
    let neighbour = stack.neighbour().await;
    let refused = stack.send_text(PAUSED_FOR_HOURS, "too much").await;
    stack.wait_for_attempt(&refused, 1).await;
    let other = stack.send_text("5511999999999", "of the same number").await;
    stack.wait_until_returned(EXPRESS, [&other]).await;
    stack.neighbour_sends(&neighbour, "5511911111111").await;
    assert_eq!((stack.record(&other).await.attempt, stack.whatsapp().ledger().asked()), (0, 2));
    stack.pass(LONGEST_RETRY_WAIT);
    for id in [refused, other] {
        stack.wait_for_status(&id, "read").await;
    }
}

#[tokio::test]
async fn a_blocked_country_fails_only_that_message() {
    let stack = TestStack::start(PROGRAM).await;
    let refused = stack.send_text("1555130497", "not to this country").await;
    let status = stack.wait_for_status(&refused, "failed").await;
    assert_eq!(status["error"]["code"], "blocked_by_policy");
    stack.pass(UNTIL_SEEN);
    let id = stack.send(body("5511999999999")).await;
    stack.wait_for_status(&id, "read").await;
}

#[tokio::test]
async fn a_message_of_a_paused_number_expires() {
    let stack = TestStack::start(PROGRAM).await;
    stack.pause_instance(stack.now().plus(Duration::from_secs(3600))).await;
    let mut late = body("5511999999999");
    late["expiresIn"] = json!(600);
    let id = stack.send(late).await;
    stack.wait_until_returned(EXPRESS, [&id]).await;
    assert_eq!(stack.status(&id).await["status"], "queued");
    stack.pass(Duration::from_secs(601));
    let status = stack.wait_for_status(&id, "failed").await;
    assert_eq!(status["error"]["code"], "expired");
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
}

#[tokio::test]
async fn a_retry_after_expires_in_fails_the_message_at_once() {
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
async fn a_hanging_call_does_not_delay_the_others_of_its_batch() {
    let stack = TestStack::start(PROGRAM).await;
    stack.pause_instance(stack.now().plus(Duration::from_secs(600))).await;
    let hangs = stack.send_text("15550100001", "hangs").await;
    let recipients: Vec<String> = (1..BATCH).map(|number| format!("551190000000{number}")).collect();
    let mut first: Vec<MessageId> = Vec::new();
    for to in &recipients {
        first.push(stack.send_text(to, "first").await);
    }
    stack.wait_until_returned(EXPRESS, first.iter().chain([&hangs])).await;
    // Each is behind the first message of its conversation, and the batch is full without them.
    let mut second: Vec<MessageId> = Vec::new();
    for to in &recipients {
        second.push(stack.send_text(to, "second").await);
    }
    stack.pass(Duration::from_secs(601)); // makes the whole batch visible at once
    for id in &second {
        stack.wait_for_state(id, State::Read).await;
    }
    let changes = stack.changes().await;
    let position = |id: &MessageId, status: &str| {
        let is_it = |image: &HashMap<String, AttributeValue>| {
            image["id"] == AttributeValue::S(id.to_string()) && image["status"] == AttributeValue::S(status.to_owned())
        };
        changes.iter().position(|change| change.new_image().is_some_and(is_it))
    };
    let ended = position(&hangs, "unknown").unwrap_or(changes.len());
    for id in &second {
        assert!(position(id, "read").is_some_and(|read| read < ended), "{id} waited for the call that hangs");
    }
}

#[tokio::test]
async fn nothing_is_sent_close_to_the_functions_timeout() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy =
        crate::template_changes::changed(folder.path(), "Timeout: 30 # room for calls", "Timeout: 8 # room for calls");
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
