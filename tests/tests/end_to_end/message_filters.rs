//! Finding messages: one by its id, and those that pass filters.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use shared::ids::MessageId;
use shared::message::record_keys::history_key;
use shared::message::{Content, Message};
use tests::test_stack::TestStack;

use crate::PROGRAM;

const HISTORY: &str = "GET /v1/messages?instanceId=inst_abc123";
const PHONE: &str = "5511900000001";
/// Messages that one call examines.
const EXAMINED: usize = 1000;

/// The rows of a page, and the cursor of the next.
async fn page(stack: &TestStack, query: &str) -> (Vec<Value>, Option<String>) {
    let (status, mut page) = stack.call(&format!("{HISTORY}{query}"), Value::Null).await;
    assert_eq!(status, 200, "{page}");
    let cursor = page["pagination"]["nextCursor"].as_str().map(str::to_owned);
    assert_eq!(page["pagination"]["hasMore"], cursor.is_some());
    let Value::Array(rows) = page["data"].take() else { panic!("rows: {page}") };
    (rows, cursor)
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["messageId"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn a_message_is_found_by_its_id_and_says_all_that_is_known() {
    let stack = TestStack::start(PROGRAM).await;
    let sent = stack.send_text(PHONE, "hello").await;
    stack.wait_for_status(&sent, "read").await;
    let reply = json!({ "instanceId": "inst_abc123", "to": PHONE, "message": "so", "quotedMessageId": sent,
        "metadata": { "order": "12" }, "expiresIn": 600 });
    let reply = stack.send(reply).await;
    stack.wait_for_status(&reply, "read").await;
    let get = async |id: &str| stack.call(&format!("GET /v1/messages/{id}"), Value::Null).await;
    let (status, answer) = get(reply.as_str()).await;
    let message = &answer["data"];
    assert_eq!((status, &message["status"]), (200, &json!("read")), "{answer}");
    assert_eq!((&message["context"], &message["metadata"]), (&json!({ "messageId": sent }), &json!({ "order": "12" })));
    assert_eq!((&message["instanceId"], &message["expiresIn"]), (&json!("inst_abc123"), &json!(600)));
    for time in ["timestamp", "sentAt", "deliveredAt", "readAt"] {
        assert!(message[time].is_string(), "{time}: {message}");
    }
    assert_eq!(page(&stack, "&limit=1").await.0, std::slice::from_ref(message), "as lists show it");

    let failed = stack.send_text("1555131047", "refused").await;
    stack.wait_for_status(&failed, "failed").await;
    let (_, answer) = get(failed.as_str()).await;
    assert_eq!(answer["data"]["error"]["code"], "outside_window", "{answer}");
    assert!(answer["data"]["failedAt"].is_string());
    let (status, inbound) = get("msg_original123").await;
    assert_eq!((status, &inbound["data"]["direction"]), (200, &json!("inbound")));
    assert_eq!(inbound["data"].get("expiresIn"), None);
    let (status, answer) = get("msg_nobody").await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("message_not_found")));
}

#[tokio::test]
async fn filters_select_messages() {
    let stack = TestStack::start(PROGRAM).await;
    let text = stack.send_text(PHONE, "hello").await;
    stack.wait_for_status(&text, "read").await;
    stack.pass(Duration::from_secs(60));
    let between = stack.now().to_string();
    stack.pass(Duration::from_secs(60));
    let failed = stack.send_text("1555131047", "refused").await;
    stack.wait_for_status(&failed, "failed").await;
    stack.write(PHONE, "location", json!({ "latitude": 1.5, "longitude": 2.5 })).await;
    let found = async |query: &str| {
        let (rows, cursor) = page(&stack, query).await;
        assert_eq!(cursor, None, "{query}");
        rows
    };
    assert_eq!(ids(&found("&status=failed").await), [failed.as_str()]);
    assert_eq!(ids(&found("&status=read&direction=outbound").await), [text.as_str()]);
    let inbound = found("&direction=inbound").await;
    assert_eq!((inbound.len(), ids(&inbound)[1]), (2, "msg_original123"));
    assert_eq!(found("&type=location").await, inbound[..1]);
    assert_eq!(ids(&found(&format!("&to={between}&direction=outbound")).await), [text.as_str()]);
    assert_eq!(ids(&found(&format!("&from={between}&direction=outbound")).await), [failed.as_str()]);
    assert_eq!(found(&format!("&from={between}")).await.len(), 2);
    let exact = stack.record(&text).await.created_at;
    assert_eq!(ids(&found(&format!("&from={exact}&to={exact}")).await), [text.as_str()], "both ends belong to it");
    assert_eq!(ids(&found(&format!("&phone={PHONE}&status=read&direction=outbound")).await), [text.as_str()]);
    assert!(found("&status=failed&direction=inbound").await.is_empty());
}

#[tokio::test]
async fn messages_are_found_by_the_customer_s_own_number() {
    let stack = TestStack::start(PROGRAM).await;
    let order =
        |number: &str| json!({ "instanceId": "inst_abc123", "to": PHONE, "message": "hello", "reference": number });
    let first = stack.send(order("order 7/a")).await;
    let second = stack.send(order("order 7/a")).await;
    stack.send(order("order 7")).await;
    stack.send_text(PHONE, "without").await;
    stack.wait_for_status(&second, "read").await;
    let find = async |key: &str, query: &str| {
        let path = format!("GET /v1/messages?reference=order%207%2Fa{query}");
        let (status, page) = stack.call_as(key, &path, Value::Null).await;
        assert_eq!(status, 200, "{page}");
        page["data"].as_array().expect("rows").clone()
    };
    let key = stack.customer.api_key.expose_secret();
    let rows = find(key, "").await;
    assert_eq!(ids(&rows), [second.as_str(), first.as_str()]);
    assert_eq!(rows[0]["reference"], "order 7/a");
    assert_eq!(ids(&find(key, "&instanceId=inst_abc123&status=read&limit=1").await), [second.as_str()]);
    assert_eq!(ids(&find(key, &format!("&before={second}")).await), [first.as_str()]);
    let event = stack.webhook.wait_for(second.as_str(), "message.sent").await;
    assert_eq!(event.json["data"]["reference"], "order 7/a");
    let other = stack.open_account(Plan::Free, 100).await;
    let other = stack.key(&other, Scope::ALL, None).await;
    assert!(find(&other, "").await.is_empty(), "another account's order has the same number");
    let (status, answer) = stack.call("GET /v1/messages?reference=a&phone=5511900000001", Value::Null).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("reference")), "{answer}");
}

#[tokio::test]
async fn a_call_examines_a_bounded_number_of_messages() {
    let stack = TestStack::start(PROGRAM).await;
    let accepted = stack.send_text(PHONE, "hello").await;
    stack.wait_for_status(&accepted, "read").await;
    let template = stack.record(&accepted).await;
    for number in 1..=EXAMINED {
        let (id, at) = (MessageId::generate(), template.created_at.plus(Duration::from_millis(number as u64)));
        let content = Content::Text { body: number.to_string(), no_preview: false };
        let history_key = history_key(at, &id);
        let message = Message { id, content, history_key, created_at: at, publishes: None, ..template.clone() };
        stack.messages.insert(&message).await.expect("the table takes it");
    }
    let (rows, cursor) = page(&stack, "&direction=inbound").await;
    assert!(rows.is_empty(), "the one that was received is behind as many as a call examines");
    let (rows, cursor) = page(&stack, &format!("&direction=inbound&before={}", cursor.expect("a cursor"))).await;
    assert_eq!((ids(&rows), cursor), (vec!["msg_original123"], None));

    let mut query = format!("&direction=outbound&after={accepted}&limit=100");
    let mut seen = Vec::new();
    loop {
        let (rows, cursor) = page(&stack, &query).await;
        seen.extend(rows.iter().rev().map(|row| row["content"].as_str().expect("text").to_owned()));
        let Some(cursor) = cursor else { break };
        query = format!("&direction=outbound&after={cursor}&limit=100");
    }
    let all: Vec<String> = (1..=EXAMINED).map(|number| number.to_string()).collect();
    assert_eq!(seen, all, "each once, in order");
}

#[tokio::test]
async fn an_unknown_parameter_of_a_query_is_refused() {
    let stack = TestStack::start(PROGRAM).await;
    let text = json!({ "instanceId": "inst_abc123", "to": PHONE, "message": "hello" });
    for (call, body, field) in [
        ("GET /v1/messages?instanceId=inst_abc123&cursor=msg_1", Value::Null, "cursor"),
        ("GET /v1/messages/msg_original123?instanceId=inst_abc123", Value::Null, "instanceId"),
        ("GET /v1/instances?page=2", Value::Null, "page"),
        ("POST /v1/messages/send?dryRun=true", text, "dryRun"),
        ("GET /v1/messages?instanceId=inst_abc123&status=sending", Value::Null, "status"),
        ("GET /v1/messages?instanceId=inst_abc123&direction=out", Value::Null, "direction"),
        ("GET /v1/messages?instanceId=inst_abc123&type=", Value::Null, "type"),
        ("GET /v1/messages?instanceId=inst_abc123&from=yesterday", Value::Null, "from"),
        (
            "GET /v1/messages?instanceId=inst_abc123&from=2026-02-03T12:00:00Z&to=2026-02-03T11:00:00Z",
            Value::Null,
            "to",
        ),
    ] {
        let (status, answer) = stack.call(call, body).await;
        assert_eq!((status, &answer["error"]["code"]), (400, &json!("invalid_request")), "{call}: {answer}");
        assert_eq!(answer["error"]["field"], field, "{call}");
    }
    let (status, answer) = stack.operate("GET /v1/admin/accounts?page=2", Value::Null).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("page")), "{answer}");
    assert_eq!(stack.call_as("wrong", "GET /v1/instances?page=2", Value::Null).await.0, 401, "a key comes first");
}
