//! The admin key reads what a customer can, of the account that the query names, and changes nothing.

use serde_json::{Value, json};
use shared::account::Scope;
use shared::ids::MessageId;
use tests::test_stack::TestStack;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;
use crate::listeners::listen;
use crate::request_limits::limited_account;

/// What a customer can read, of one message and one webhook of the customer's.
fn readable(message: &MessageId, webhook: &str) -> Vec<String> {
    let paths = [
        "/v1/account",
        "/v1/chats?instanceId=inst_abc123",
        "/v1/instances",
        "/v1/instances/inst_abc123",
        "/v1/instances/inst_abc123/status",
        "/v1/messages?instanceId=inst_abc123",
        "/v1/messages?instanceId=inst_abc123&phone=5511999999999&direction=outbound&status=read&type=text&limit=1",
        "/v1/messages?reference=order-7",
        "/v1/templates?instanceId=inst_abc123",
        "/v1/webhooks",
        "/v1/webhooks/inbound",
    ];
    let of_message = ["", "/status", "/details"].map(|rest| format!("/v1/messages/{message}{rest}"));
    let of_webhook = ["", "/logs"].map(|rest| format!("{webhook}{rest}"));
    paths.map(str::to_owned).into_iter().chain(of_message).chain(of_webhook).collect()
}

fn of_account(path: &str, account: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("GET {path}{separator}accountId={account}")
}

/// An answer without what each request and each key has of its own.
fn body((status, mut answer): (u16, Value)) -> (u16, Value) {
    for own in ["/error/requestId", "/data/scopes"] {
        if let Some(member) = answer.pointer_mut(own) {
            *member = Value::Null;
        }
    }
    (status, answer)
}

#[tokio::test]
async fn the_admin_key_reads_what_a_customer_can() {
    let stack = TestStack::start(PROGRAM).await;
    let text = json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "hi", "reference": "order-7" });
    let message = stack.send(text).await;
    stack.wait_for_status(&message, "read").await;
    let webhook = stack.webhook_for(&WebhookReceiver::start().await, &["message.failed"]).await;
    let mut unreadable = Vec::new();
    for path in readable(&message, &webhook) {
        let customers = body(stack.call(&format!("GET {path}"), Value::Null).await);
        let operators = body(stack.operate(&of_account(&path, "acc_demo"), Value::Null).await);
        assert_eq!(operators, customers, "{path}");
        unreadable.extend((customers.0 != 200).then_some(path));
    }
    assert_eq!(unreadable, [format!("/v1/messages/{message}/details")], "a text that was sent has none");
}

#[tokio::test]
async fn the_admin_key_reads_nothing_of_another_account() {
    let stack = TestStack::start(PROGRAM).await;
    let message = stack.send_text("5511999999999", "hi").await;
    let webhook = stack.webhook_for(&WebhookReceiver::start().await, &["message.failed"]).await;
    let (_, other) = stack.operate("POST /v1/admin/accounts", json!({ "name": "Other" })).await;
    let other = other["data"]["id"].as_str().expect("an id");
    for path in readable(&message, &webhook) {
        let (status, answer) = stack.operate(&of_account(&path, other), Value::Null).await;
        let is_empty = answer["data"].as_array().is_some_and(Vec::is_empty) || answer["data"]["id"] == other;
        assert!(status == 404 || (status == 200 && is_empty), "{path}: {status} {answer}");
    }
}

#[tokio::test]
async fn the_admin_key_needs_an_account_that_exists_and_an_api_key_names_none() {
    let stack = TestStack::start(PROGRAM).await;
    let refused = async |answer: (u16, Value)| {
        let error = &answer.1["error"];
        (answer.0, error["code"].as_str().unwrap_or_default().to_owned(), error["field"].clone())
    };
    let missing = refused(stack.operate("GET /v1/instances", Value::Null).await).await;
    assert_eq!(missing, (400, "invalid_request".to_owned(), json!("accountId")));
    for id in ["acc_nobody", "", "inst_abc123", "*"] {
        let unknown = refused(stack.operate(&of_account("/v1/instances", id), Value::Null).await).await;
        assert_eq!(unknown, (404, "account_not_found".to_owned(), Value::Null), "{id}");
    }
    let more = refused(stack.operate("GET /v1/instances?accountId=acc_demo&colour=red", Value::Null).await).await;
    assert_eq!(more, (400, "invalid_request".to_owned(), json!("colour")));
    let own = refused(stack.call("GET /v1/instances?accountId=acc_demo", Value::Null).await).await;
    assert_eq!(own, (400, "invalid_request".to_owned(), json!("accountId")));
    let admins = refused(stack.operate("GET /v1/admin/accounts?accountId=acc_demo", Value::Null).await).await;
    assert_eq!(admins, (400, "invalid_request".to_owned(), json!("accountId")));
    let nobodys = stack.call_as("pombo_nobody", "GET /v1/instances?accountId=acc_demo", Value::Null).await;
    assert_eq!(refused(nobodys).await, (401, "invalid_api_key".to_owned(), Value::Null));
}

#[tokio::test]
async fn the_admin_key_changes_nothing_of_an_account() {
    let stack = TestStack::start(PROGRAM).await;
    let message = stack.send_text("5511999999999", "hi").await;
    for call in [
        "POST /v1/messages/send",
        "POST /v1/instances",
        "PATCH /v1/instances/inst_abc123",
        "DELETE /v1/instances/inst_abc123",
        "POST /v1/instances/inst_abc123/disconnect",
        "POST /v1/webhooks",
        "POST /v1/webhooks/inbound",
        "POST /v1/media",
        "POST /v1/templates",
        &format!("DELETE /v1/messages/{message}"),
    ] {
        for query in ["", "?accountId=acc_demo"] {
            let (status, answer) = stack.operate(&format!("{call}{query}"), json!({ "name": "Theirs" })).await;
            assert_eq!((status, &answer["error"]["code"]), (401, &json!("invalid_api_key")), "{call}{query}");
            let told = answer["error"]["message"].as_str().expect("a text");
            assert!(told.contains("admin key") || call.ends_with("/send"), "{call}{query}: {told}");
        }
    }
    assert_eq!(stack.instance().await.name, "Demo");
}

#[tokio::test]
async fn what_the_operator_reads_counts_against_no_key_s_limit() {
    let stack = TestStack::start(PROGRAM).await;
    let account = limited_account(&stack, 2, 0).await;
    let key = stack.key(&account, Scope::ALL, None).await;
    let admin_key = stack.stack.secrets.text("AdminKey").expect("a secret");
    let ask = async |key: &str, query: &str| {
        let url = format!("{}/v1/instances{query}", stack.stack.addresses.api);
        let answer = stack.http.get(url).bearer_auth(key).send().await.expect("an answer");
        let remaining =
            answer.headers().get("x-ratelimit-remaining").map(|value| value.to_str().expect("text").to_owned());
        (answer.status().as_u16(), remaining)
    };
    for _ in 0..5 {
        assert_eq!(ask(&admin_key, &format!("?accountId={account}")).await, (200, None));
    }
    for remaining in ["1", "0"] {
        assert_eq!(ask(&key, "").await, (200, Some(remaining.to_owned())));
    }
    assert_eq!(ask(&key, "").await.0, 429);
    assert_eq!(ask(&admin_key, &format!("?accountId={account}")).await.0, 200);
}

#[tokio::test]
async fn the_admin_key_polls_no_customers_listener() {
    let stack = TestStack::start(PROGRAM).await;
    let path = listen(&stack, json!({ "events": ["message.received"] })).await;
    let (status, answer) = stack.operate(&of_account(&path, "acc_demo"), Value::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (401, &json!("invalid_api_key")), "{answer}");
}

#[tokio::test]
async fn a_guess_at_the_admin_key_is_logged_also_where_customers_read() {
    let stack = TestStack::start(PROGRAM).await;
    let (status, answer) = stack.call_as("not-the-key", "GET /v1/account?accountId=acc_demo", Value::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (401, &json!("invalid_api_key")), "{answer}");
    assert!(stack.logs().contains("admin_key.refused"));
}

#[tokio::test]
async fn a_parameter_of_a_query_is_given_once() {
    let stack = TestStack::start(PROGRAM).await;
    let twice = "GET /v1/account?accountId=acc_demo&accountId=acc_other";
    let (status, answer) = stack.operate(twice, Value::Null).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("accountId")), "{answer}");
}
