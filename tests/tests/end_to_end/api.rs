//! Authentication and errors of the API.

use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use shared::clock::Timestamp;
use tests::test_stack::TestStack;

use crate::PROGRAM;

const SEND: &str = "/v1/messages/send";

async fn ask(stack: &TestStack, method: &str, path: &str, authorization: Option<&str>, body: &str) -> (u16, Value) {
    let method = method.parse().expect("a method");
    let request = stack.http.request(method, format!("{}{path}", stack.stack.addresses.api)).body(body.to_owned());
    let request = match authorization {
        Some(value) => request.header("authorization", value),
        None => request,
    };
    let response = request.header("content-type", "application/json").send().await.expect("an answer");
    let status = response.status().as_u16();
    let request_id = response.headers().get("x-request-id").cloned();
    let answer: Value = serde_json::from_str(&response.text().await.expect("a body")).expect("JSON");
    if answer["success"] == false {
        let named = request_id.expect("X-Request-Id");
        assert_eq!(answer["error"]["requestId"].as_str().map(str::as_bytes), Some(named.as_bytes()));
    }
    (status, answer)
}

#[tokio::test]
async fn only_a_valid_key_with_the_right_scope_is_accepted() {
    let stack = TestStack::start(PROGRAM).await;
    let account = stack.customer.account_id.clone();
    let reader = stack.key(&account, &[Scope::MessagesRead], None).await;
    let expired = stack.key(&account, Scope::ALL, Some(Timestamp::from_secs(1))).await;
    let body = r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"hi"}"#;
    for (authorization, status, code) in [
        (None, 401, "missing_api_key"),
        (Some("Basic abc".to_owned()), 401, "missing_api_key"),
        (Some("Bearer ".to_owned()), 401, "missing_api_key"),
        (Some("Bearer pombo_nobody".to_owned()), 401, "invalid_api_key"),
        (Some(format!("Bearer {expired}")), 401, "expired_api_key"),
        (Some(format!("Bearer {reader}")), 403, "insufficient_permissions"),
    ] {
        let (got, answer) = ask(&stack, "POST", SEND, authorization.as_deref(), body).await;
        assert_eq!((got, &answer["error"]["code"]), (status, &json!(code)), "{authorization:?} {answer}");
    }
    assert_eq!(stack.whatsapp().ledger().asked(), 0);
}

#[tokio::test]
async fn sending_from_another_accounts_instance_is_answered_as_unknown() {
    let stack = TestStack::start(PROGRAM).await;
    let account = stack.open_account(Plan::Free, 100).await;
    let other_key = format!("Bearer {}", stack.key(&account, Scope::ALL, None).await);
    let id = stack.send_text("5511999999999", "hello").await;
    let path = format!("/v1/messages/{id}/status");
    let (status, answer) = ask(&stack, "GET", &path, Some(&other_key), "").await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("message_not_found")));
    let body = r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"hi"}"#;
    let (status, answer) = ask(&stack, "POST", SEND, Some(&other_key), body).await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("invalid_instance")));
    let reply =
        json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "hi", "quotedMessageId": "msg_nobody" });
    let (status, answer) = stack.post(SEND, &reply.to_string()).await;
    assert_eq!((status.as_u16(), &answer["error"]["field"]), (400, &json!("quotedMessageId")));
}

#[tokio::test]
async fn an_invalid_request_names_its_code_and_field() {
    let stack = TestStack::start(PROGRAM).await;
    for (body, status, code, field) in [
        ("{", 400, "invalid_request", Value::Null),
        (
            r#"{"instanceId":"inst_abc123","to":"+55 11 99999-9999","message":"hi"}"#,
            400,
            "invalid_phone_number",
            json!("to"),
        ),
        (r#"{"instanceId":"inst_abc123","to":"11966660001","message":"hi"}"#, 400, "invalid_phone_number", json!("to")),
        (
            r#"{"instanceId":"inst_nobody","to":"5511999999999","message":"hi"}"#,
            404,
            "invalid_instance",
            json!("instanceId"),
        ),
        (r#"{"instanceId":"inst_abc123","to":"5511999999999"}"#, 400, "invalid_request", json!("message")),
    ] {
        let (got, answer) = stack.post(SEND, body).await;
        let error = &answer["error"];
        assert_eq!((got.as_u16(), &error["code"], &error["field"]), (status, &json!(code), &field), "{answer}");
    }
    let large = format!(r#"{{"message":"{}"}}"#, "x".repeat(300 * 1024));
    let (status, answer) = stack.post(SEND, &large).await;
    assert_eq!((status.as_u16(), &answer["error"]["code"]), (413, &json!("payload_too_large")));
}

#[tokio::test]
async fn an_unknown_path_or_method_is_answered_with_the_contracts_error() {
    let stack = TestStack::start(PROGRAM).await;
    for (method, path, status, code) in [
        ("GET", "/", 404, "route_not_found"),
        ("POST", "/v1/nothing", 404, "route_not_found"),
        ("GET", SEND, 405, "method_not_allowed"),
        ("DELETE", "/v1/messages/msg_1/status", 405, "method_not_allowed"),
    ] {
        let (got, answer) = ask(&stack, method, path, None, "").await;
        assert_eq!((got, &answer["error"]["code"]), (status, &json!(code)), "{method} {path}");
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_queued_is_withdrawn_and_answered_with_503() {
    let stack = TestStack::start(PROGRAM).await;
    let queue = stack.stack.clients.sqs.delete_queue().queue_url(stack.queue_url("ExpressQueue.fifo"));
    queue.send().await.expect("the queue is gone");
    let body = r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"hi"}"#;
    let (status, answer) = stack.post(SEND, body).await;
    let error = &answer["error"];
    assert_eq!(
        (status.as_u16(), &error["code"], &error["retryAfter"]),
        (503, &json!("service_unavailable"), &json!(1))
    );
    let scan = stack.stack.clients.dynamodb.scan().table_name(&stack.stack.tables["Messages"]);
    let records = scan.send().await.expect("the table answers").items.unwrap_or_default();
    let ids: Vec<_> = records.iter().map(|record| record["id"].as_s().expect("text")).collect();
    assert_eq!(ids, ["msg_original123"]);
}
