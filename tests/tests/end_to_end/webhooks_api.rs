//! Webhooks as a customer manages them, and inbound URLs, which send without an API key.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::message::State;
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;

async fn create(stack: &TestStack, receiver: &WebhookReceiver) -> Value {
    let body =
        json!({ "url": receiver.url, "instanceId": "inst_abc123", "events": ["message.failed"], "name": "Ours" });
    let (status, answer) = stack.call("POST /v1/webhooks", body).await;
    assert_eq!(status, 201, "{answer}");
    answer["data"].clone()
}

fn path(webhook: &Value) -> String {
    format!("/v1/webhooks/{}", webhook["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_webhook_is_managed_and_its_secret_is_shown_once() {
    let stack = TestStack::start(PROGRAM).await;
    let created = create(&stack, &stack.webhook).await;
    let secret = created["secret"].as_str().expect("a secret");
    assert_eq!((secret.len(), &secret[..4], &created["status"]), (47, "whs_", &json!("active")));
    assert!(created["signingSecret"].as_str().is_some_and(|text| text.starts_with("whsec_")));
    let path = path(&created);
    let (_, read) = stack.call(&format!("GET {path}"), Value::Null).await;
    assert!(read["data"].get("secret").is_none() && read["data"].get("signingSecret").is_none(), "{read}");
    assert_eq!(read["data"]["name"], "Ours");

    let change = json!({ "events": ["message.read", "message.read"], "status": "disabled" });
    let (status, changed) = stack.call(&format!("PUT {path}"), change).await;
    assert_eq!((status, &changed["data"]["events"]), (200, &json!(["message.read"])), "{changed}");
    assert_eq!(changed["data"]["status"], "disabled");
    let (_, listed) = stack.call("GET /v1/webhooks?limit=1", Value::Null).await;
    assert_eq!(listed["pagination"], json!({ "total": 2, "limit": 1, "offset": 0, "hasMore": true }));
    assert_eq!(stack.call(&format!("DELETE {path}"), Value::Null).await, (204, Value::Null));
    let (status, gone) = stack.call(&format!("GET {path}"), Value::Null).await;
    assert_eq!((status, &gone["error"]["code"]), (404, &json!("webhook_not_found")));
}

#[tokio::test]
async fn an_invalid_webhook_names_its_field() {
    let stack = TestStack::start(PROGRAM).await;
    let with = |field: &str, value: Value| {
        let mut body =
            json!({ "url": "https://example.com/", "instanceId": "inst_abc123", "events": ["message.sent"] });
        body[field] = value;
        body
    };
    for (body, status, code, field) in [
        (with("url", Value::Null), 400, "invalid_request", "url"),
        (with("url", json!("not a url")), 400, "invalid_webhook_url", "url"),
        (with("url", json!("http://example.com/")), 400, "invalid_webhook_url", "url"),
        (with("url", json!("https://me:pw@example.com/")), 400, "invalid_webhook_url", "url"),
        (with("url", json!("https://169.254.169.254/")), 400, "invalid_webhook_url", "url"),
        (with("url", json!("https://[::ffff:10.0.0.1]/")), 400, "invalid_webhook_url", "url"),
        (with("url", json!("https://0x0a000001/")), 400, "invalid_webhook_url", "url"),
        (with("events", json!([])), 400, "invalid_request", "events"),
        (with("events", json!("message.sent")), 400, "invalid_request", "events"),
        (with("events", json!(["message.sent", "x"])), 400, "invalid_request", "events[1]"),
        (with("secret", json!("short")), 400, "invalid_request", "secret"),
        (with("instanceId", json!("inst_nobody")), 404, "instance_not_found", "instanceId"),
        (with("filter", json!(1)), 400, "invalid_request", "filter"),
    ] {
        let (got, answer) = stack.call("POST /v1/webhooks", body).await;
        let error = &answer["error"];
        assert_eq!((got, &error["code"], &error["field"]), (status, &json!(code), &json!(field)), "{answer}");
    }
}

#[tokio::test]
async fn both_secrets_sign_for_a_day_after_a_rotation() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let created = create(&stack, &receiver).await;
    let (status, rotated) = stack.call(&format!("POST {}/rotate", path(&created)), Value::Null).await;
    assert_eq!(status, 200, "{rotated}");
    let (old, new) = (created["secret"].as_str().expect("text"), rotated["data"]["secret"].as_str().expect("text"));
    let id = stack.send_text("1555131047", "fails").await;
    let call = receiver.wait_for(id.as_str(), "message.failed").await;
    let verifies = |secret: &str| {
        let webhook = standardwebhooks::Webhook::from_bytes(secret.as_bytes().to_vec()).expect("a secret");
        webhook.verify(&call.body, &call.headers).is_ok()
    };
    assert!(verifies(old) && verifies(new) && !verifies("another secret of 24 bytes"));
    stack.pass(Duration::from_secs(24 * 60 * 60 + 1));
    let id = stack.send_text("1555131047", "fails").await;
    let later = receiver.wait_for(id.as_str(), "message.failed").await;
    assert_eq!(later.header("webhook-signature").split(' ').count(), 1);
}

#[tokio::test]
async fn a_rotation_that_is_repeated_keeps_the_secret_that_receivers_have() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let created = create(&stack, &receiver).await;
    let rotate = format!("POST {}/rotate", path(&created));
    let (_, generated) = stack.call(&rotate, Value::Null).await;
    let own = json!({ "secret": "a secret of the customer's own" });
    let (_, first) = stack.call(&rotate, own.clone()).await;
    assert_eq!(stack.call(&rotate, own).await, (200, first.clone()), "the same again changes nothing");
    let id = stack.send_text("1555131047", "fails").await;
    let call = receiver.wait_for(id.as_str(), "message.failed").await;
    for secret in [&created["secret"], &generated["data"]["secret"], &first["data"]["secret"]] {
        let secret = secret.as_str().expect("text").as_bytes().to_vec();
        let webhook = standardwebhooks::Webhook::from_bytes(secret).expect("a secret");
        assert!(webhook.verify(&call.body, &call.headers).is_ok(), "the receiver may have any of them");
    }
    let other = json!({ "secret": "another one of the customer's own" });
    for own in [&other, &json!({ "secret": first["data"]["secret"] }), &other] {
        assert_eq!(stack.call(&rotate, own.clone()).await.0, 200);
    }
    let id = stack.send_text("1555131047", "fails").await;
    let call = receiver.wait_for(id.as_str(), "message.failed").await;
    assert_eq!(call.header("webhook-signature").split(' ').count(), 4, "each secret once");
    for _ in 0..4 {
        assert_eq!(stack.call(&rotate, Value::Null).await.0, 200);
    }
    let id = stack.send_text("1555131047", "fails").await;
    let later = receiver.wait_for(id.as_str(), "message.failed").await;
    assert_eq!(later.header("webhook-signature").split(' ').count(), 5, "a bound");
}

#[tokio::test]
async fn a_webhook_test_delivers_one_marked_event_and_returns_the_result() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let created = create(&stack, &receiver).await;
    receiver.answer_with([StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE]);
    for (event, status, code) in [("message.read", "success", 200), ("message.failed", "failed", 503)] {
        let (got, tested) = stack.call(&format!("POST {}/test", path(&created)), json!({ "event": event })).await;
        assert_eq!(got, 200, "{tested}");
        let data = &tested["data"];
        assert_eq!((&data["status"], &data["statusCode"]), (&json!(status), &json!(code)), "{tested}");
        assert_eq!((&data["payload"]["event"], &data["payload"]["test"]), (&json!(event), &json!(true)));
        let call = receiver.calls().pop().expect("a call");
        assert_eq!(call.json, data["payload"]);
    }
    let (_, logs) = stack.call(&format!("GET {}/logs", path(&created)), Value::Null).await;
    let rows = logs["data"].as_array().expect("rows");
    let seen: Vec<_> = rows.iter().map(|row| (row["event"].as_str(), row["status"].as_str())).collect();
    assert_eq!(seen, [(Some("message.failed"), Some("failed")), (Some("message.read"), Some("success"))]);
    let (status, answer) = stack.call(&format!("POST {}/test", path(&created)), json!({ "event": "x" })).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("event")));
}

#[tokio::test]
async fn a_failed_attempt_is_logged_with_the_time_of_the_next() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let created = create(&stack, &receiver).await;
    receiver.answer_with([StatusCode::BAD_GATEWAY, StatusCode::NOT_FOUND]);
    let id = stack.send_text("1555131047", "fails").await;
    receiver.wait_for(id.as_str(), "message.failed").await;
    stack.wait_for_delayed("WebhookQueue", 1).await;
    stack.pass(Duration::from_secs(34));
    let logs = || async {
        let (_, logs) = stack.call(&format!("GET {}/logs?status=failed", path(&created)), Value::Null).await;
        Some(logs).filter(|logs| logs["data"].as_array().is_some_and(|rows| rows.len() == 2))
    };
    let logs = eventually("two rows", logs).await;
    let [second, first] = logs["data"].as_array().expect("rows").as_slice() else { panic!("two: {logs}") };
    assert_eq!((&first["statusCode"], &first["retryCount"]), (&json!(502), &json!(0)), "{first}");
    assert_eq!((&second["statusCode"], &second["retryCount"]), (&json!(404), &json!(1)));
    assert!(first["nextRetryAt"].as_str() > first["timestamp"].as_str());
    let page = format!("GET {}/logs?limit=1", path(&created));
    let (_, newest) = stack.call(&page, Value::Null).await;
    assert_eq!((&newest["data"][0], &newest["pagination"]["hasMore"]), (second, &json!(true)));
    let cursor = newest["pagination"]["nextCursor"].as_str().expect("a cursor");
    let (_, older) = stack.call(&format!("{page}&after={cursor}"), Value::Null).await;
    assert_eq!((&older["data"][0], &older["pagination"]["hasMore"]), (first, &json!(false)));
}

#[tokio::test]
async fn an_inbound_url_sends_without_a_key_until_it_is_deleted() {
    let stack = TestStack::start(PROGRAM).await;
    let body = json!({ "name": "Shop", "instanceId": "inst_abc123" });
    let (status, created) = stack.call("POST /v1/webhooks/inbound", body).await;
    assert_eq!(status, 201, "{created}");
    let url = created["data"]["url"].as_str().expect("a URL").to_owned();
    assert!(url.starts_with(&format!("{}/webhook/in_", stack.stack.addresses.api)), "{url}");
    let post = async |url: &str, body: Value| {
        let response = stack.http.post(url).body(body.to_string()).send().await.expect("an answer");
        let status = response.status().as_u16();
        (status, serde_json::from_str::<Value>(&response.text().await.expect("a body")).expect("JSON"))
    };
    let (status, sent) = post(&url, json!({ "to": "5511999999999", "message": "hi" })).await;
    assert_eq!(status, 202, "{sent}");
    let id = sent["messageId"].as_str().expect("an id").parse().expect("an id");
    assert_eq!(sent, json!({ "success": true, "messageId": id, "status": "queued" }));
    stack.wait_for_state(&id, State::Read).await;
    let (status, answer) = post(&url, json!({ "to": "5511999999999", "message": "hi", "instanceId": "inst_x" })).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("instanceId")));
    let (status, answer) = post(&format!("{url}x"), json!({ "to": "5511999999999", "message": "hi" })).await;
    assert_eq!((status, &answer["error"]["code"]), (401, &json!("invalid_api_key")));
    let token = url.rsplit('/').next().expect("a token");
    let (status, _) = stack.call_as(token, "GET /v1/instances", Value::Null).await;
    assert_eq!(status, 401, "the token is no key to the API");
    assert_eq!(stack.call(&format!("DELETE {}", path(&created["data"])), Value::Null).await.0, 204);
    stack.pass(Duration::from_secs(61));
    assert_eq!(post(&url, json!({ "to": "5511999999999", "message": "hi" })).await.0, 401);
}
