//! Batches that a restore brings back: each recipient is sent to at most once, and the batch is complete once.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::ids::MessageId;
use tests::test_stack::TestStack;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;
use crate::account_callbacks::event;
use crate::account_closing::items_with;
use crate::batches::{A_MINUTE, let_settle_run, progress, send, texts, wait_until_complete};
use crate::restore_command::{lose, restore, restored};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Loses what the table of accounts has of a batch.
async fn lose_batch(stack: &TestStack, id: &str) {
    for (key, item) in items_with(stack, &[id]).await {
        if key.starts_with("Accounts ") {
            let request = stack.stack.clients.dynamodb.delete_item().table_name(&stack.stack.tables["Accounts"]);
            let keys = ["pk", "sk"].map(|name| (name.to_owned(), item[name].clone()));
            request.set_key(Some(keys.into())).send().await.expect("the table forgets it");
        }
    }
}

/// How often the batch was reported as complete.
fn completions(webhook: &WebhookReceiver) -> usize {
    webhook.calls().iter().filter(|call| call.event() == "batch.completed").count()
}

/// Restores the tables.
async fn restore_all(stack: &TestStack, accounts: &str, messages: &str) {
    let output = restore(stack, accounts, messages).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_restored_batch_goes_on_and_is_complete_once() {
    let stack = TestStack::start(PROGRAM).await;
    let webhook = WebhookReceiver::start().await;
    stack.webhook_for(&webhook, &["batch.completed"]).await;
    let mut batch = texts("551190000", 3);
    batch["sendAt"] = json!(stack.now().plus(HOUR).to_string());
    let accepted = send(&stack, batch).await;
    let id = accepted["batchId"].as_str().expect("an id");
    let first: MessageId = accepted["messages"][0]["messageId"].as_str().expect("an id").parse().expect("an id");
    let credits = stack.ledger(&stack.customer.account_id).await.credits;
    let accounts = restored(&stack, "Accounts", &["pk", "sk"]).await;
    let messages = restored(&stack, "Messages", &["id"]).await;
    lose(&stack, &first).await;
    lose_batch(&stack, id).await;
    assert_eq!(stack.call(&format!("GET /v1/batches/{id}"), Value::Null).await.0, 404);

    restore_all(&stack, &accounts, &messages).await;
    assert_eq!(progress(&stack, &accepted).await["counts"]["scheduled"], 2);
    assert_eq!(stack.status(&first).await["error"]["code"], "unknown_outcome", "it may have left since");
    assert_eq!(stack.ledger(&stack.customer.account_id).await.credits, credits + 1);
    stack.pass(HOUR);
    let shown = wait_until_complete(&stack, &accepted).await;
    assert_eq!((&shown["status"], &shown["counts"]["failed"]), (&json!("completed"), &json!(1)), "{shown}");
    event(&webhook, "batch.completed").await;

    // What was left to do about it is gone by now, and a second restore brings it back.
    restore_all(&stack, &accounts, &messages).await;
    let is_open = async || {
        let items = items_with(&stack, &[id]).await;
        items
            .values()
            .any(|item| matches!(item.get("waits"), Some(AttributeValue::S(shard)) if shard.starts_with("batches#")))
    };
    assert!(is_open().await, "it is back");
    let_settle_run(&stack, A_MINUTE).await;
    let_settle_run(&stack, A_MINUTE).await;
    assert!(!is_open().await, "nothing is left to do");
    assert_eq!((stack.whatsapp().ledger().asked(), completions(&webhook)), (2, 1));
}
