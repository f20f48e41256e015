//! Promise 10: no private data in the logs.

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tests::test_stack::TestStack;

use crate::PROGRAM;

/// Calls the management endpoints that take or return private data; returns the token of an inbound URL.
async fn manage(stack: &TestStack) -> String {
    let (_, created) = stack.call("POST /v1/instances", json!({ "name": "PRIVATE-NAME" })).await;
    let connect = json!({ "method": "official", "businessId": "1", "phoneNumberId": "2001",
        "accessToken": "EAAG-expired-PRIVATE-TOKEN", "appSecret": "PRIVATE-APP-SECRET" });
    let path = format!("POST /v1/instances/{}/connect", created["data"]["id"].as_str().expect("an id"));
    assert_eq!(stack.call(&path, connect).await.0, 400);
    let hook = json!({ "url": format!("{}?key=PRIVATE-KEY", stack.webhook.url), "instanceId": "inst_abc123",
        "events": ["message.sent"], "secret": "PRIVATE-WEBHOOK-SECRET" });
    let (status, hook) = stack.call("POST /v1/webhooks", hook).await;
    assert_eq!(status, 201, "{hook}");
    let path = format!("POST /v1/webhooks/{}/test", hook["data"]["id"].as_str().expect("an id"));
    assert_eq!(stack.call(&path, Value::Null).await.0, 200);
    let history = "GET /v1/messages?instanceId=inst_abc123&phone=5511987654321";
    assert_eq!(stack.call(history, Value::Null).await.0, 200);
    let erasure = "DELETE /v1/admin/accounts/acc_demo/phones/5511987654321";
    assert_eq!(stack.operate(erasure, Value::Null).await.0, 200);
    let (_, inbound) =
        stack.call("POST /v1/webhooks/inbound", json!({ "name": "Shop", "instanceId": "inst_abc123" })).await;
    let url = inbound["data"]["url"].as_str().expect("a URL");
    let sent = stack.http.post(url).body(r#"{"to":"5511987654321","message":"PRIVATE-TEXT"}"#).send().await;
    assert_eq!(sent.expect("an answer").status(), 202);
    url.rsplit('/').next().expect("a token").to_owned()
}

#[tokio::test]
async fn no_text_phone_number_key_or_secret_is_logged() {
    let stack = TestStack::start(PROGRAM).await;
    stack.webhook.answer_with([reqwest::StatusCode::INTERNAL_SERVER_ERROR]);
    let read = stack
        .send(json!({
            "instanceId": "inst_abc123", "to": "5511987654321", "message": "PRIVATE-TEXT",
            "metadata": { "note": "PRIVATE-METADATA" },
        }))
        .await;
    stack
        .send(json!({
            "instanceId": "inst_abc123", "to": "5511987654321", "mediaType": "image",
            "mediaUrl": "https://example.com/a.jpg?signature=PRIVATE-URL", "caption": "PRIVATE-CAPTION",
        }))
        .await;
    let failed = stack.send_text("1555131047", "PRIVATE-TEXT").await;
    stack.wait_for_status(&read, "read").await;
    stack.wait_for_status(&failed, "failed").await;
    stack.webhook.wait_for(read.as_str(), "message.read").await;
    let (status, _) = stack.post("/v1/messages/send", r#"{"to":"PRIVATE-BODY"}"#).await;
    assert_eq!(status, 400);
    let token = manage(&stack).await;
    let odd = json!({ "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": "106540352242922" },
        "messages": [{ "from": "5511987654321", "id": "wamid.odd", "timestamp": "1", "type": "PRIVATE-TYPE" }],
    } }] }] });
    assert_eq!(stack.post_callback(&odd.to_string(), None).await, 200);
    let (status, _) = stack.call_as("PRIVATE-ADMIN-KEY", "GET /v1/admin/accounts", Value::Null).await;
    assert_eq!(status, 401);
    let logs = stack.logs();
    assert!(logs.contains(read.as_str()), "the logs tell of the message");
    let secrets = ["MasterKeys", "CallbackKeys", "AdminKey", "WhatsAppApp"];
    let secrets = secrets.map(|id| stack.stack.secrets.text(id).unwrap_or_default());
    for private in [
        "PRIVATE",
        "5511987654321",
        "1555131047",
        "EAAG-of-the-simulator",
        &token,
        stack.customer.api_key.expose_secret(),
        stack.webhook.secret.expose_secret(),
        &stack.webhook.url,
    ]
    .into_iter()
    .chain(secrets.iter().map(String::as_str))
    {
        assert!(!private.is_empty() && !logs.contains(private), "{private} is in the logs");
    }
}
