//! What was given up is listed for the operator: events after their last attempt, and changes that cannot be published.

use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::StatusCode;
use serde_json::{Value, json};
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
