//! What an account receives is within its quota. What is above it is repeated by WhatsApp, and nothing is lost.

use std::time::Duration;

use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use shared::instance::NumberOwner;
use tests::test_stack::TestStack;

use crate::PROGRAM;
use crate::callbacks::Callbacks;

/// The number of the demo customer.
const NUMBER: &str = "106540352242922";
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A change of a callback with this many messages of five kilobytes each, as the quota counts them.
fn messages(number_id: &str, from: &str, count: usize) -> Value {
    let body = "x".repeat(4096);
    let messages = (0..count).map(|number| {
        json!({ "from": from, "id": format!("wamid.{from}.{number}"), "timestamp": "1760000002", "type": "text",
            "text": { "body": body } })
    });
    change(number_id, "messages", messages.collect())
}

fn change(number_id: &str, what: &str, updates: Vec<Value>) -> Value {
    let mut value = json!({ "messaging_product": "whatsapp", "metadata": { "phone_number_id": number_id } });
    value[what] = Value::Array(updates);
    json!({ "field": "messages", "value": value })
}

fn callback(changes: &[Value]) -> String {
    json!({ "entry": [{ "id": "1", "changes": changes }] }).to_string()
}

/// How many messages of a person an instance's history has.
async fn received(stack: &TestStack, key: &str, instance: &str, from: &str) -> usize {
    let path = format!("GET /v1/messages?instanceId={instance}&phone={from}&limit=100");
    let (status, page) = stack.call_as(key, &path, Value::Null).await;
    assert_eq!(status, 200, "{page}");
    page["data"].as_array().expect("rows").len()
}

#[tokio::test]
async fn inbound_messages_above_the_quota_are_repeated_and_stop_neither_statuses_nor_others() {
    let stack = TestStack::start_with(PROGRAM, |options| {
        let receive = options.function_overrides.entry("receive".to_owned()).or_default();
        receive.variables.insert("INBOUND_PER_REQUEST".to_owned(), "1".to_owned());
    })
    .await;
    // 600 kilobytes a day, 512 at once.
    let plan = json!({ "plan": "enterprise", "requestsPerMinute": 600 });
    assert_eq!(stack.operate(&format!("PATCH /v1/admin/accounts/{}", stack.customer.account_id), plan).await.0, 200);
    let neighbour = stack.open_account(Plan::Pro, 0).await;
    let their_key = stack.key(&neighbour, Scope::ALL, None).await;
    let (_, created) = stack.call_as(&their_key, "POST /v1/instances", json!({ "name": "Theirs" })).await;
    let theirs = created["data"]["id"].as_str().expect("an id");
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "2001", "accessToken": "EAAG" });
    let path = format!("POST /v1/instances/{theirs}/connect");
    assert_eq!(stack.call_as(&their_key, &path, connect).await.0, 200);
    let own_key = secrecy::ExposeSecret::expose_secret(&stack.customer.api_key);
    let own = async |from: &str| received(&stack, own_key, "inst_abc123", from).await;

    let first = callback(&[messages(NUMBER, "5511900000001", 100)]);
    assert_eq!(stack.post_callback(&first, None).await, 200);
    assert_eq!(own("5511900000001").await, 100);

    stack.pass(NumberOwner::CALLBACK_PRECISION + Duration::from_secs(1)); // so that the next callback is noted
    let (callbacks, id) = Callbacks::of_a_taken_message(&stack).await;
    let changes = [
        messages(NUMBER, "5511900000002", 100),
        messages("2001", "5511900000003", 10),
        change(NUMBER, "statuses", vec![callbacks.status("delivered")]),
    ];
    let (second, then) = (callback(&changes), stack.now());
    assert_eq!(stack.post_callback(&second, None).await, 500);
    assert_eq!(own("5511900000002").await, 0, "all of an account's messages or none");
    assert_eq!(received(&stack, &their_key, theirs, "5511900000003").await, 10);
    assert_eq!(stack.status(&id).await["status"], "delivered");
    stack.wait_for_callback_since(then).await;

    stack.pass(A_DAY);
    assert_eq!(stack.post_callback(&second, None).await, 200);
    assert_eq!(own("5511900000002").await, 100);
    assert_eq!(received(&stack, &their_key, theirs, "5511900000003").await, 10);
}

#[tokio::test]
async fn a_customers_own_app_fills_no_more_than_the_quota_of_an_account_without_credits() {
    let stack = TestStack::start(PROGRAM).await;
    let account = stack.open_account(Plan::Free, 0).await;
    let key = stack.key(&account, Scope::ALL, None).await;
    let (_, created) = stack.call_as(&key, "POST /v1/instances", json!({ "name": "Theirs" })).await;
    let instance = created["data"]["id"].as_str().expect("an id");
    let secret = "the secret of another app";
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "2001", "accessToken": "EAAG",
        "appSecret": secret });
    let path = format!("POST /v1/instances/{instance}/connect");
    assert_eq!(stack.call_as(&key, &path, connect).await.0, 200);
    let signed = async |body: &str| {
        let secret = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
        let signature = format!("sha256={}", hex::encode(aws_lc_rs::hmac::sign(&secret, body.as_bytes())));
        stack.post_callback(body, Some(&signature)).await
    };
    // Each of about 2.5 megabytes.
    assert_eq!(signed(&callback(&[messages("2001", "5511900000001", 600)])).await, 200);
    assert_eq!(signed(&callback(&[messages("2001", "5511900000002", 600)])).await, 500);
    assert_eq!(received(&stack, &key, instance, "5511900000002").await, 0);
    let mut unknown = messages("2001", "5511900000003", 600);
    unknown["field"] = json!("unknown");
    let mut odd = change("2001", "statuses", vec![]);
    odd["value"]["messages"] = json!("x".repeat(2_000));
    odd["value"]["errors"] = json!("no list");
    // So much of the second that it is kept whole.
    for changes in [vec![unknown], vec![odd; 600]] {
        assert_eq!(signed(&callback(&changes)).await, 500, "what cannot be read counts as well");
    }
    let (_, unread) = stack.operate("GET /v1/admin/callbacks", Value::Null).await;
    assert_eq!(unread["data"], json!([]));
    assert_eq!(stack.logs().matches("inbound.over_quota").count(), 3);
}
