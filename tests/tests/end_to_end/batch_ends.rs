//! Batches that cannot leave any more.

use std::time::Duration;

use serde_json::{Value, json};
use shared::aws::UpdateBuilder;
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::batches::{A_MINUTE, let_settle_run, progress, send, texts};

/// Sends a batch of 60 that is not enqueued, since its number is paused for an hour.
async fn waiting(stack: &TestStack, prefix: &str, expires_in: u64) -> Value {
    stack.pause_instance(stack.now().plus(Duration::from_secs(3600))).await;
    let mut batch = texts(prefix, 60);
    batch["expiresIn"] = json!(expires_in);
    send(stack, batch).await
}

/// The code with which its last message has failed after all of it has, in some minutes.
async fn failed(stack: &TestStack, accepted: &Value) -> Value {
    for _ in 0..5 {
        let_settle_run(stack, A_MINUTE).await;
        if progress(stack, accepted).await["counts"]["failed"] == 60 {
            let last = accepted["messages"][59]["messageId"].as_str().expect("an id");
            return stack.call(&format!("GET /v1/messages/{last}"), Value::Null).await.1["data"]["error"]["code"]
                .clone();
        }
    }
    panic!("{}", progress(stack, accepted).await)
}

#[tokio::test]
async fn messages_that_cannot_leave_any_more_fail_without_the_queue_that_others_share() {
    let stack = TestStack::start(PROGRAM).await;
    let credits = async || stack.ledger(&stack.customer.account_id).await.credits;
    let (before, deliveries) = (credits().await, stack.stack.functions["deliver"].invocations());
    let late = waiting(&stack, "551190000", 30).await;
    assert_eq!(failed(&stack, &late).await, json!("expired"));
    let stopped = waiting(&stack, "551191111", 86_400).await;
    let (status, answer) = stack.call("POST /v1/instances/inst_abc123/disconnect", Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(failed(&stack, &stopped).await, json!("instance_disconnected"));
    assert_eq!((credits().await, stack.stack.functions["deliver"].invocations()), (before, deliveries));
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
}

#[tokio::test]
async fn messages_that_were_attempted_and_are_in_no_queue_expire_and_complete_their_batch() {
    let stack = TestStack::start(PROGRAM).await;
    let (account, instance) = (&stack.customer.account_id, &stack.customer.instance_id);
    let before = stack.ledger(account).await.credits;
    let accepted = waiting(&stack, "551190000", 600).await;
    // As if all had been enqueued and attempted, before the queue lost them.
    let open = stack.accounts.open_batches(account, instance).await.expect("an answer").pop().expect("a batch");
    stack.accounts.advance_batch(&open, open.recipients, stack.now()).await.expect("an answer");
    for message in accepted["messages"].as_array().expect("messages") {
        let id = message["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        stack.update_record(&id, UpdateBuilder::new().set("attempt", 1)).await;
    }
    stack.pass(Duration::from_secs(600));
    assert_eq!(failed(&stack, &accepted).await, json!("expired"));
    assert!(!progress(&stack, &accepted).await["completedAt"].is_null());
    assert_eq!(stack.ledger(account).await.credits, before);
}
