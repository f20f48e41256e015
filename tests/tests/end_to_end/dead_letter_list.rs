//! What was given up is listed for the operator: events after their last attempt, changes that cannot be published, and what is left in
//! the queues of dead letters.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::account::Plan;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;

/// WhatsApp refuses this recipient's messages: the only event is `message.failed`.
const FAILS: &str = "1555131047";

async fn list(stack: &TestStack, query: &str) -> Value {
    let (status, page) = stack.operate(&format!("GET /v1/admin/dead-letters{query}"), Value::Null).await;
    assert_eq!(status, 200, "{page}");
    page
}

async fn wait_for(stack: &TestStack, count: usize) -> Vec<Value> {
    let all = || async {
        let page = list(stack, "").await;
        page["data"].as_array().filter(|rows| rows.len() == count).cloned()
    };
    eventually(&format!("{count} dead letters"), all).await
}

#[tokio::test]
async fn an_event_and_a_change_that_were_given_up_are_listed() {
    let stack = TestStack::start(PROGRAM).await;
    assert_eq!(list(&stack, "").await["data"], json!([]));
    let gone = WebhookReceiver::start().await;
    let path = stack.webhook_for(&gone, &["message.failed"]).await;
    gone.answer_with([StatusCode::GONE]);
    let message = stack.send_text(FAILS, "fails").await;
    let [event] = &wait_for(&stack, 1).await[..] else { panic!("one") };
    let called = gone.calls_about(message.as_str());
    assert_eq!(event["eventId"].as_str(), Some(called[0].header("webhook-id")), "{event}");
    let shown =
        ["kind", "reason", "accountId", "instanceId", "messageId", "event", "attempts"].map(|field| &event[field]);
    let reason = json!("The endpoint answered 410 Gone.");
    let (kind, name, attempts, instance) = (json!("event"), json!("message.failed"), json!(1), json!("inst_abc123"));
    assert_eq!(shown, [&kind, &reason, &json!("acc_demo"), &instance, &json!(message), &name, &attempts]);
    assert_eq!(event["webhookId"].as_str(), path.strip_prefix("/v1/webhooks/"));

    let text = |text: &str| AttributeValue::S(text.to_owned());
    let odd = stack.stack.clients.dynamodb.put_item().table_name(&stack.stack.tables["Messages"]);
    let odd = odd.item("id", text("msg_odd")).item("ev", text("sent")).item("status", text("teleported"));
    odd.send().await.expect("the table takes it");
    let rows = wait_for(&stack, 2).await;
    let shown = ["kind", "reason", "messageId", "accountId"].map(|field| rows[0][field].clone());
    assert_eq!(shown, [json!("change"), json!("The record cannot be read."), json!("msg_odd"), Value::Null]);
    assert_eq!(&rows[1], event, "newest first");
    assert!(!json!(rows).to_string().contains(FAILS), "no phone number, no text");

    let first = list(&stack, "?limit=1").await;
    assert_eq!((&first["data"][0], &first["pagination"]["hasMore"]), (&rows[0], &json!(true)));
    let cursor = first["pagination"]["nextCursor"].as_str().expect("a cursor");
    let second = list(&stack, &format!("?limit=1&after={cursor}")).await;
    assert_eq!((&second["data"], &second["pagination"]["hasMore"]), (&json!([event]), &json!(false)));
    for query in ["after=msg_odd", "limit=0", "accountId=acc_demo"] {
        let call = format!("GET /v1/admin/dead-letters?{query}");
        let (status, answer) = stack.operate(&call, Value::Null).await;
        let field = query.split('=').next();
        assert_eq!((status, answer["error"]["field"].as_str()), (400, field), "{answer}");
    }
    assert_eq!(stack.call("GET /v1/admin/dead-letters", Value::Null).await.0, 401);
}

/// What SQS and Lambda leave in the queues of dead letters, by queue.
fn left() -> [(&'static str, String); 3] {
    let outcome = json!({ "messageId": "msg_left", "accountId": "acc_demo", "attempt": 1 });
    let upload = json!({ "upload": { "accountId": "acc_demo", "mediaId": "media_left" } });
    let batch = json!({ "requestContext": { "condition": "RetryAttemptsExhausted" }, "DDBStreamBatchInfo": { "shardId": "shardId-1" } });
    [
        ("SettleDeadLetters", outcome.to_string()),
        ("MediaDeadLetters", upload.to_string()),
        ("UnreadableRecords", batch.to_string()),
    ]
}

/// Has something left in each queue of dead letters, and waits until it is listed.
pub async fn leave_in_queues(stack: &TestStack) -> Vec<Value> {
    for (queue, body) in left() {
        let sent = stack.stack.clients.sqs.send_message().queue_url(stack.queue_url(queue)).message_body(body);
        sent.send().await.expect("the queue takes it");
    }
    stack.pass(Duration::from_secs(300));
    let listed = || async {
        let rows = list(stack, "").await["data"].as_array().expect("rows").clone();
        let rows: Vec<Value> = rows.into_iter().filter(|row| row["kind"] == "queued").collect();
        (rows.len() == left().len()).then_some(rows)
    };
    eventually("what is left in queues to be listed", listed).await
}

#[tokio::test]
async fn what_is_left_in_queues_is_listed_once_and_stays_there() {
    let stack = TestStack::start(PROGRAM).await;
    let put_aside = json!({ "keys": { "id": { "S": "msg_odd" } }, "error": "e" }).to_string(); // which `notify` lists
    let queue = stack.queue_url("UnreadableRecords");
    stack.stack.clients.sqs.send_message().queue_url(queue).message_body(put_aside).send().await.expect("it is taken");
    let rows = leave_in_queues(&stack).await;
    let row = |queue: &str| rows.iter().find(|row| row["queue"] == queue).unwrap_or_else(|| panic!("{queue}"));
    let shown = ["accountId", "messageId"].map(|field| &row("SettleDeadLetters")[field]);
    assert_eq!(shown, [&json!("acc_demo"), &json!("msg_left")]);
    assert_eq!(row("MediaDeadLetters")["accountId"], "acc_demo");
    assert!(row("UnreadableRecords")["reason"].as_str().expect("a reason").contains("stream"), "{rows:?}");
    let runs = stack.stack.functions["settle"].invocations();
    stack.pass(Duration::from_secs(300));
    let has_run = || async { (stack.stack.functions["settle"].invocations() > runs).then_some(()) };
    eventually("settle to look again", has_run).await;
    stack.wait_until_idle("settle").await;
    assert_eq!(list(&stack, "").await["data"].as_array().expect("rows").len(), rows.len());
    stack.pass(Duration::from_secs(31));
    for (queue, count) in [("SettleDeadLetters", 1), ("MediaDeadLetters", 1), ("UnreadableRecords", 2)] {
        let is_there = || async { (stack.visible(queue).await == count).then_some(()) };
        eventually(&format!("{queue} to have {count}"), is_there).await;
    }
}

#[tokio::test]
async fn what_is_left_in_queues_of_a_closing_account_is_not_listed() {
    let stack = TestStack::start(PROGRAM).await;
    let account = stack.open_account(Plan::Pro, 100).await;
    let (_, shown) = stack.operate(&format!("GET /v1/admin/accounts/{account}"), Value::Null).await;
    let name = shown["data"]["name"].as_str().expect("a name");
    let close = format!("DELETE /v1/admin/accounts/{account}?name={name}");
    let (status, answer) = stack.operate(&close, Value::Null).await;
    assert_eq!(status, 202, "{answer}");
    // The queues are looked at in this order.
    for (queue, account) in [("SettleDeadLetters", account.as_str()), ("MediaDeadLetters", "acc_demo")] {
        let body = json!({ "accountId": account }).to_string();
        let sent = stack.stack.clients.sqs.send_message().queue_url(stack.queue_url(queue)).message_body(body);
        sent.send().await.expect("the queue takes it");
    }
    stack.pass(Duration::from_secs(300));
    let rows = wait_for(&stack, 1).await;
    assert_eq!((&rows[0]["queue"], &rows[0]["accountId"]), (&json!("MediaDeadLetters"), &json!("acc_demo")));
}
