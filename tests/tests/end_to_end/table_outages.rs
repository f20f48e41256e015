//! `manage` while DynamoDB does not answer one of its reads.

use serde_json::{Value, json};
use tests::fault::{CallId, Fault};
use tests::proxied_stack::ProxiedStack;
use tests::test_stack::TestStack;

use crate::PROGRAM;

const READS: [&str; 3] = ["BatchGetItem", "GetItem", "Query"];

async fn created(answer: impl Future<Output = (u16, Value)>) -> String {
    let (status, answer) = answer.await;
    assert_eq!(status, 201, "{answer}");
    answer["data"]["id"].as_str().expect("an id").to_owned()
}

/// Calls an endpoint with the key that may call it.
async fn call(stack: &TestStack, endpoint: &str, body: &Value) -> (u16, Value) {
    let is_operator = endpoint.contains(" /v1/admin/");
    if is_operator { stack.operate(endpoint, body.clone()).await } else { stack.call(endpoint, body.clone()).await }
}

/// Makes the nth read of `manage` from now on fail, at every attempt of the SDK.
fn fail_read(proxied: &ProxiedStack, number: usize) {
    let mut reads: Vec<CallId> = Vec::new();
    proxied.dynamodb.set_faults(move |call, _| {
        if call.caller != "manage" || !READS.contains(&call.operation.as_str()) {
            return Fault::None;
        }
        let position = reads.iter().position(|read| read == call).unwrap_or(reads.len());
        if position == reads.len() {
            reads.push(call.clone());
        }
        if position + 1 == number { Fault::Unavailable } else { Fault::None }
    });
}

/// Calls an endpoint whose first read fails, then its second, and so on, until none is left that could fail.
async fn fail_each_read(proxied: &ProxiedStack, endpoint: &str, body: Value, success: u16) {
    for number in 1.. {
        fail_read(proxied, number);
        let (status, answer) = call(&proxied.stack, endpoint, &body).await;
        if status != 503 {
            assert_eq!(status, success, "{endpoint}, read {number}: {answer}");
            assert!(number > 1, "{endpoint} reads nothing");
            return;
        }
        assert_eq!(answer["error"]["code"], "service_unavailable", "{endpoint}, read {number}");
    }
}

#[tokio::test]
async fn a_failed_read_is_answered_with_503_and_can_be_repeated() {
    let proxied = ProxiedStack::start(PROGRAM).await;
    let stack = &proxied.stack;
    let account = &stack.customer.account_id;
    let message = stack.send_text("5511999999999", "hello").await;
    stack.wait_for_status(&message, "read").await;
    let endpoint =
        json!({ "instanceId": "inst_abc123", "url": "https://example.com/hook", "events": ["message.read"] });
    let webhook = created(stack.call("POST /v1/webhooks", endpoint)).await;
    let inbound = json!({ "name": "Shop", "instanceId": "inst_abc123" });
    let inbound = created(stack.call("POST /v1/webhooks/inbound", inbound)).await;
    let keys = format!("/v1/admin/accounts/{account}/keys");
    let key = created(stack.operate(&format!("POST {keys}"), json!({ "name": "Server" }))).await;

    for (endpoint, body, success) in [
        (format!("GET /v1/admin/accounts/{account}"), Value::Null, 200),
        (format!("GET {keys}"), Value::Null, 200),
        (format!("DELETE {keys}/{key}"), Value::Null, 204),
        ("GET /v1/instances".to_owned(), Value::Null, 200),
        ("GET /v1/instances/inst_abc123/status".to_owned(), Value::Null, 200),
        ("PATCH /v1/instances/inst_abc123".to_owned(), json!({ "name": "Sales" }), 200),
        ("GET /v1/messages?instanceId=inst_abc123".to_owned(), Value::Null, 200),
        (format!("GET /v1/messages/{message}/status"), Value::Null, 200),
        ("GET /v1/webhooks".to_owned(), Value::Null, 200),
        (format!("GET /v1/webhooks/{webhook}/logs"), Value::Null, 200),
        (format!("DELETE /v1/webhooks/{webhook}"), Value::Null, 204),
        (format!("DELETE /v1/webhooks/{inbound}"), Value::Null, 204),
    ] {
        fail_each_read(&proxied, &endpoint, body, success).await;
    }
}
