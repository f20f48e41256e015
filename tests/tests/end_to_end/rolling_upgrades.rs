//! Old and new versions of a function in parallel: an older version keeps the attributes that a newer one has added to
//! a record or a queue message.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::test_stack::{FAR_AHEAD, TestStack};

use crate::PROGRAM;

const ADDED: &str = "addedByANewerVersion";

#[tokio::test]
async fn an_older_version_keeps_attributes_that_a_newer_one_has_added() {
    let stack = TestStack::start(PROGRAM).await;
    stack.book_ahead(FAR_AHEAD).await;
    let id = stack.send_text("5511999999999", "hello").await;
    stack.wait_until_returned("BulkQueue.fifo", [&id]).await;

    let tables = &stack.stack.clients.dynamodb;
    let change = tables.update_item().table_name(&stack.stack.tables["Messages"]);
    let change = change.key("id", AttributeValue::S(id.to_string())).update_expression(format!("SET {ADDED} = :new"));
    change.expression_attribute_values(":new", AttributeValue::Bool(true)).send().await.expect("the table takes it");
    let body = json!({ "messageId": id, "accountId": stack.customer.account_id, "instanceId": "inst_abc123",
        "slot": stack.now(), "deadline": stack.now().plus(Duration::from_secs(6000)), ADDED: { "any": ["thing"] } });
    let sent = stack.stack.clients.sqs.send_message().queue_url(stack.queue_url("ExpressQueue.fifo"));
    let sent = sent.message_group_id("newer").message_deduplication_id("newer").message_body(body.to_string());
    sent.send().await.expect("the queue takes it");
    stack.wait_until_returned("ExpressQueue.fifo", [&id]).await; // until the slot that the record has
    stack.pass(FAR_AHEAD + Duration::from_secs(1));

    stack.wait_for_status(&id, "read").await;
    stack.webhook.wait_for(id.as_str(), "message.read").await;
    let images = stack.images(&id).await;
    assert!(images.last().is_some_and(|image| image[ADDED].as_bool() == Ok(&true)));
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
    assert!(!stack.logs().contains("delivery.unreadable"));
}

#[tokio::test]
async fn an_older_version_delivers_a_webhook_that_a_newer_one_has_queued() {
    let stack = TestStack::start(PROGRAM).await;
    stack.webhook.answer_retry_after(1, 800); // so that the event does not come again before the one of the newer version
    let id = stack.send_text("1555131047", "fails").await;
    stack.webhook.wait_for(id.as_str(), "message.failed").await;
    stack.wait_for_delayed("WebhookQueue", 1).await;
    let log = stack.webhook.calls_about(id.as_str()).remove(0);
    let account = &stack.customer.account_id;
    let webhook = stack.accounts.webhooks(account).await.expect("webhooks").remove(0).id;
    let body = json!({ "accountId": account, "webhookId": webhook, "id": "evt_of_a_newer_version", "event": "message.failed",
        "subject": id, "body": String::from_utf8_lossy(&log.body), "attempts": 1, "due": stack.now(), "first": stack.now(),
        ADDED: Value::Null });
    let sent = stack.stack.clients.sqs.send_message().queue_url(stack.queue_url("WebhookQueue"));
    sent.message_body(body.to_string()).send().await.expect("the queue takes it");
    let again = stack.webhook.wait_for_calls(2).await.remove(1);
    assert_eq!((again.header("webhook-id"), &again.body), ("evt_of_a_newer_version", &log.body));
}
