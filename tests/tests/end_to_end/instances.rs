//! Instances as a customer manages and connects them.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::account::{Plan, Scope};
use tests::test_stack::TestStack;
use tests::wait::eventually;
use tests::webhook_receiver::WebhookReceiver;

use crate::PROGRAM;

/// The error's code and field.
fn refusal(answer: &Value) -> (&Value, &Value) {
    (&answer["error"]["code"], &answer["error"]["field"])
}

fn credentials(number: &str) -> Value {
    json!({ "method": "official", "businessId": "102290129340398", "phoneNumberId": number, "accessToken": "EAAG-token" })
}

async fn create(stack: &TestStack, name: &str) -> String {
    let (status, answer) = stack.call("POST /v1/instances", json!({ "name": name })).await;
    assert_eq!(status, 201, "{answer}");
    answer["data"]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn an_instance_is_created_changed_listed_and_deleted() {
    let stack = TestStack::start(PROGRAM).await;
    let body = json!({ "name": "Support", "webhookUrl": stack.webhook.url, "webhookEvents": ["message.sent"],
        "settings": { "z": 1, "a": [1.50] } });
    let (status, answer) = stack.call("POST /v1/instances", body).await;
    assert_eq!(status, 201, "{answer}");
    let created = &answer["data"];
    assert_eq!(created["status"], "disconnected");
    assert_eq!(created["webhookUrl"], stack.webhook.url);
    assert_eq!(created["webhookEvents"], json!(["message.sent"]));
    assert_eq!((&created["phone"], &created["settings"]["z"]), (&Value::Null, &json!(1)));
    let path = format!("/v1/instances/{}", created["id"].as_str().expect("an id"));
    assert_eq!(stack.call(&format!("GET {path}"), Value::Null).await.1["data"], *created);

    let change = json!({ "name": "Sales", "webhookEvents": ["message.read", "message.failed"] });
    let (status, changed) = stack.call(&format!("PATCH {path}"), change).await;
    assert_eq!((status, &changed["data"]["name"]), (200, &json!("Sales")), "{changed}");
    assert_eq!(changed["data"]["webhookEvents"], json!(["message.read", "message.failed"]));
    assert_eq!(changed["data"]["settings"], created["settings"]);
    let (_, without) = stack.call(&format!("PATCH {path}"), json!({ "webhookUrl": null })).await;
    assert_eq!((&without["data"]["webhookUrl"], &without["data"]["webhookEvents"]), (&Value::Null, &json!([])));

    let (_, page) = stack.call("GET /v1/instances?limit=1&offset=1", Value::Null).await;
    assert_eq!(page["pagination"], json!({ "total": 2, "limit": 1, "offset": 1, "hasMore": false }));
    assert_eq!(page["data"][0]["name"], "Sales");
    let (_, connected) = stack.call("GET /v1/instances?status=connected", Value::Null).await;
    assert_eq!(connected["data"].as_array().map(Vec::len), Some(1), "only the demo's");

    assert_eq!(stack.call(&format!("DELETE {path}"), Value::Null).await, (204, Value::Null));
    let (status, gone) = stack.call(&format!("GET {path}"), Value::Null).await;
    assert_eq!((status, &gone["error"]["code"]), (404, &json!("instance_not_found")));
}

#[tokio::test]
async fn only_a_connected_instance_sends() {
    let stack = TestStack::start(PROGRAM).await;
    let id = create(&stack, "Support").await;
    let send = json!({ "instanceId": id, "to": "5511999999999", "message": "hi" });
    let (status, answer) = stack.call("POST /v1/messages/send", send.clone()).await;
    assert_eq!((status, refusal(&answer)), (409, (&json!("instance_disconnected"), &json!("instanceId"))));

    let (status, connected) = stack.call(&format!("POST /v1/instances/{id}/connect"), credentials("2001")).await;
    assert_eq!((status, &connected["data"]["status"]), (200, &json!("connected")), "{connected}");
    assert_eq!(connected["data"]["phone"], "+55 11 4000-0000");
    let sent = stack.send(send.clone()).await;
    stack.wait_for_status(&sent, "read").await;
    assert_eq!(stack.whatsapp().ledger().taken()[0].number_id, "2001");
    let (status, again) = stack.call(&format!("POST /v1/instances/{id}/connect"), credentials("2001")).await;
    assert_eq!((status, refusal(&again).0), (409, &json!("already_connected")));

    let why = json!({ "reason": "moving" });
    let (status, left) = stack.call(&format!("POST /v1/instances/{id}/disconnect"), why).await;
    assert_eq!(
        (status, &left["data"]["status"], &left["data"]["reason"]),
        (200, &json!("disconnected"), &json!("moving"))
    );
    let (_, shown) = stack.call(&format!("GET /v1/instances/{id}/status"), Value::Null).await;
    assert_eq!(shown["data"], left["data"]);
    let (status, twice) = stack.call(&format!("POST /v1/instances/{id}/disconnect"), Value::Null).await;
    assert_eq!((status, refusal(&twice).0), (409, &json!("instance_not_connected")));
}

#[tokio::test]
async fn a_number_belongs_to_one_instance_of_the_deployment() {
    let stack = TestStack::start(PROGRAM).await;
    let (first, second) = (create(&stack, "First").await, create(&stack, "Second").await);
    let connect = async |id: &str| stack.call(&format!("POST /v1/instances/{id}/connect"), credentials("2001")).await;
    assert_eq!(connect(&first).await.0, 200);
    let (status, answer) = connect(&second).await;
    assert_eq!((status, refusal(&answer)), (409, (&json!("already_connected"), &json!("phoneNumberId"))));
    let account = stack.open_account(Plan::Free, 10).await;
    let other_key = stack.key(&account, Scope::ALL, None).await;
    let (_, theirs) = stack.call_as(&other_key, "POST /v1/instances", json!({ "name": "Theirs" })).await;
    let path = format!("POST /v1/instances/{}/connect", theirs["data"]["id"].as_str().expect("an id"));
    assert_eq!(stack.call_as(&other_key, &path, credentials("2001")).await.0, 409);
    assert_eq!(stack.call(&format!("DELETE /v1/instances/{first}"), Value::Null).await.0, 204);
    assert_eq!(connect(&second).await.0, 200);
}

#[tokio::test]
async fn a_connect_that_whatsapp_refuses_names_the_field() {
    let stack = TestStack::start(PROGRAM).await;
    let id = create(&stack, "Support").await;
    let with = |field: &str, value: Value| {
        let mut body = credentials("2001");
        body[field] = value;
        body
    };
    for (body, field) in [
        (with("accessToken", json!("EAAG-expired-yesterday")), "accessToken"),
        (with("accessToken", json!("two words")), "accessToken"),
        (with("phoneNumberId", json!("4040000000000")), "phoneNumberId"),
        (with("phoneNumberId", json!("4030000000000")), "phoneNumberId"),
        (with("phoneNumberId", json!("../me")), "phoneNumberId"),
        (with("businessId", json!("4040000000000")), "businessId"),
        (with("businessId", Value::Null), "businessId"),
        (with("appSecret", json!("short")), "appSecret"),
        (with("appSecret", json!("                ")), "appSecret"),
        (with("appSecret", json!("the secret of another app,")), "appSecret"),
        (with("appSecret", json!("the secret of another app, short")), "appSecret"),
        (with("method", json!("qrcode")), "method"),
        (with("method", json!("telepathy")), "method"),
        (with("color", json!("red")), "color"),
    ] {
        let (status, answer) = stack.call(&format!("POST /v1/instances/{id}/connect"), body).await;
        assert_eq!((status, refusal(&answer)), (400, (&json!("invalid_request"), &json!(field))), "{answer}");
    }
    for (body, code) in [
        (with("accessToken", json!("EAAG-expired-yesterday")), 190),
        (with("phoneNumberId", json!("4040000000000")), 100),
    ] {
        let (_, answer) = stack.call(&format!("POST /v1/instances/{id}/connect"), body).await;
        assert_eq!(answer["error"]["providerCode"], code, "{answer}");
    }
    let (_, shown) = stack.call(&format!("GET /v1/instances/{id}/status"), Value::Null).await;
    assert_eq!(shown["data"]["status"], "disconnected");
    let (status, _) = stack.call(&format!("POST /v1/instances/{id}/connect"), credentials("1000000000000")).await;
    assert_eq!(status, 200);
    let instance = id.parse().expect("an id");
    let record = stack.accounts.instance(&stack.customer.account_id, &instance).await.expect("the table answers");
    assert_eq!(record.and_then(|instance| instance.number).map(|number| number.rate), Some(1000));
}

#[tokio::test]
async fn an_invalid_instance_names_its_field() {
    let stack = TestStack::start(PROGRAM).await;
    for (body, code, field) in [
        (json!({}), "invalid_request", "name"),
        (json!({ "name": " " }), "invalid_request", "name"),
        (json!({ "name": "x".repeat(101) }), "invalid_request", "name"),
        (json!({ "name": "a", "settings": [] }), "invalid_request", "settings"),
        (json!({ "name": "a", "settings": { "x": "y".repeat(5000) } }), "invalid_request", "settings"),
        (json!({ "name": "a", "webhookEvents": ["message.sent"] }), "invalid_request", "webhookEvents"),
        (json!({ "name": "a", "webhookUrl": "http://example.com/" }), "invalid_webhook_url", "webhookUrl"),
        (json!({ "name": "a", "webhookUrl": "https://10.0.0.1/" }), "invalid_webhook_url", "webhookUrl"),
        (
            json!({ "name": "a", "webhookUrl": "https://example.com/", "webhookEvents": ["message.eaten"] }),
            "invalid_request",
            "webhookEvents[0]",
        ),
        (json!({ "name": "a", "status": "connected" }), "invalid_request", "status"),
    ] {
        let (status, answer) = stack.call("POST /v1/instances", body).await;
        assert_eq!((status, refusal(&answer)), (400, (&json!(code), &json!(field))), "{answer}");
    }
    let (status, answer) = stack.call("GET /v1/instances?limit=0", Value::Null).await;
    assert_eq!((status, refusal(&answer).1), (400, &json!("limit")));
}

#[tokio::test]
async fn a_webhook_gets_the_connection_events_of_its_instance() {
    let stack = TestStack::start(PROGRAM).await;
    let receiver = WebhookReceiver::start().await;
    let id = create(&stack, "Support").await;
    let webhook = json!({ "url": receiver.url, "instanceId": id, "events": ["instance.connected", "instance.disconnected"],
        "secret": receiver.secret.expose_secret() });
    assert_eq!(stack.call("POST /v1/webhooks", webhook).await.0, 201);
    let published = |count: usize| {
        let calls = || receiver.calls();
        async move {
            eventually(&format!("{count} events"), || async { Some(calls()).filter(|calls| calls.len() >= count) })
                .await
        }
    };
    assert_eq!(stack.call(&format!("POST /v1/instances/{id}/connect"), credentials("2001")).await.0, 200);
    let calls = published(1).await;
    assert!(receiver.verifies(&calls[0]));
    let data = &calls[0].json["data"];
    assert_eq!((&data["instanceId"], &data["status"]), (&json!(id), &json!("connected")));

    let dead = json!({ "instanceId": id, "to": "1555000190", "message": "hi" });
    let message = stack.send(dead).await;
    stack.wait_for_status(&message, "failed").await;
    let calls = published(2).await;
    assert_eq!(calls[1].event(), "instance.disconnected");
    let data = &calls[1].json["data"];
    assert_eq!((&data["status"], &data["reason"]), (&json!("disconnected"), &json!("refused on request")));

    assert_eq!(stack.call(&format!("PATCH /v1/instances/{id}"), json!({ "name": "Sales" })).await.0, 200);
    assert_eq!(stack.call(&format!("POST /v1/instances/{id}/connect"), credentials("2001")).await.0, 200);
    assert_eq!(stack.call(&format!("POST /v1/instances/{id}/disconnect"), json!({ "reason": "moving" })).await.0, 200);
    let calls = published(4).await;
    let events: Vec<_> = calls.iter().map(|call| call.event()).collect();
    let (on, off) = ("instance.connected", "instance.disconnected");
    assert_eq!(events, [on, off, on, off]);
    assert_eq!(calls[3].json["data"]["reason"], "moving");
}

#[tokio::test]
async fn a_webhook_of_an_instance_needs_the_scope_for_webhooks() {
    let stack = TestStack::start(PROGRAM).await;
    let key = stack.key(&stack.open_account(Plan::Free, 0).await, &[Scope::InstancesWrite], None).await;
    let (status, created) = stack.call_as(&key, "POST /v1/instances", json!({ "name": "a" })).await;
    assert_eq!(status, 201, "{created}");
    let one = format!("PATCH /v1/instances/{}", created["data"]["id"].as_str().expect("an id"));
    assert_eq!(stack.call_as(&key, &one, json!({ "name": "b" })).await.0, 200);
    let webhook = json!({ "name": "a", "webhookUrl": "http://127.0.0.1:9", "webhookEvents": ["message.received"] });
    for (path, body) in
        [("POST /v1/instances", webhook.clone()), (&one, webhook), (&one, json!({ "webhookUrl": null }))]
    {
        let (status, answer) = stack.call_as(&key, path, body).await;
        assert_eq!((status, &answer["error"]["code"]), (403, &json!("insufficient_permissions")), "{path}");
    }
}

#[tokio::test]
async fn a_deleted_instance_is_remembered_as_long_as_its_messages_and_one_without_any_is_not() {
    let stack = TestStack::start(PROGRAM).await;
    let account = &stack.customer.account_id;
    let (_, created) = stack.call("POST /v1/instances", json!({ "name": "Never connected" })).await;
    let never = created["data"]["id"].as_str().expect("an id").to_owned();
    for (instance, remembered) in [(never.as_str(), 0), ("inst_abc123", 1)] {
        assert_eq!(stack.call(&format!("DELETE /v1/instances/{instance}"), Value::Null).await.0, 204);
        let tombstones = stack.accounts.instance_tombstones(account).await.expect("the table answers");
        assert_eq!(tombstones.len(), remembered, "{instance}");
        let until = stack.now().plus(Duration::from_secs(90 * 24 * 60 * 60)).secs();
        assert!(tombstones.iter().all(|tombstone| tombstone.forget_at > Some(until)), "{tombstones:?}");
    }
}
