//! Old and new versions of a function side by side: what a newer one adds to a record or to a queue message passes through
//! an older one, and is still there afterwards.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::test_stack::TestStack;

use crate::PROGRAM;

const ADDED: &str = "addedByANewerVersion";

#[tokio::test]
async fn what_a_newer_version_adds_to_a_record_and_its_queue_message_survives_an_older_one() {
    let stack = TestStack::start(PROGRAM).await;
    stack.book_ahead(Duration::from_secs(60)).await;
    let id = stack.send_text("5511999999999", "hello").await;
    stack.wait_for_in_flight("BulkQueue.fifo", 1).await;

    let tables = &stack.stack.clients.dynamodb;
    let change = tables.update_item().table_name(&stack.stack.tables["Messages"]);
    let change = change.key("id", AttributeValue::S(id.to_string())).update_expression(format!("SET {ADDED} = :new"));
    change.expression_attribute_values(":new", AttributeValue::Bool(true)).send().await.expect("the table takes it");
    let body = json!({ "messageId": id, "accountId": stack.customer.account_id, "instanceId": "inst_abc123",
        "slot": stack.now(), "deadline": stack.now().plus(Duration::from_secs(600)), ADDED: { "any": ["thing"] } });
    let sent = stack.stack.clients.sqs.send_message().queue_url(stack.queue_url("ExpressQueue.fifo"));
    let sent = sent.message_group_id("newer").message_deduplication_id("newer").message_body(body.to_string());
    sent.send().await.expect("the queue takes it");
    stack.wait_until_given_back("ExpressQueue.fifo", 1).await; // looked at, and given back until the slot of the record
    stack.pass(Duration::from_secs(61));

    stack.wait_for_status(&id, "read").await;
    stack.webhook.wait_for(id.as_str(), "message.read").await;
    let images = stack.images(&id).await;
    assert!(images.last().is_some_and(|image| image[ADDED].as_bool() == Ok(&true)));
    assert_eq!(stack.whatsapp().ledger().asked(), 1);
    assert!(!stack.logs().contains("delivery.unreadable"));
}

#[tokio::test]
async fn an_older_version_passes_on_what_a_newer_one_put_into_the_webhooks_queue() {
    let stack = TestStack::start(PROGRAM).await;
    stack.webhook.answer_with([reqwest::StatusCode::INTERNAL_SERVER_ERROR]);
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
