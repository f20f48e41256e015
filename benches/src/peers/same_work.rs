//! Checks that a variant does the same work: the same answers to the same requests, and the same final states of messages.

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::ids::MessageId;
use tests::test_stack::TestStack;

/// Bodies, and the status, code and field that they are refused with.
const REFUSED: [(&str, u16, &str, &str); 10] = [
    ("{", 400, "invalid_request", ""),
    (r#"{"to":"5511999999999","message":"hi"}"#, 400, "invalid_request", "instanceId"),
    (r#"{"instanceId":"inst_abc123","message":"hi"}"#, 400, "invalid_request", "to"),
    (r#"{"instanceId":"inst_abc123","to":"+5511999999999","message":"hi"}"#, 400, "invalid_phone_number", "to"),
    (r#"{"instanceId":"inst_other","to":"5511999999999","message":"hi"}"#, 404, "invalid_instance", "instanceId"),
    (r#"{"instanceId":"inst_abc123","to":"5511999999999"}"#, 400, "invalid_request", "message"),
    (
        r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"hi","expiresIn":0}"#,
        400,
        "invalid_request",
        "expiresIn",
    ),
    (
        r#"{"instanceId":"inst_abc123","to":"5511999999999","message":"hi","quotedMessageId":"msg_no"}"#,
        400,
        "invalid_request",
        "quotedMessageId",
    ),
    (
        r#"{"instanceId":"inst_abc123","to":"5511999999999","mediaUrl":"https://127.0.0.1/a.mp3","mediaType":"audio","caption":"x"}"#,
        400,
        "invalid_request",
        "caption",
    ),
    (
        r#"{"instanceId":"inst_abc123","to":"5511999999999","mediaUrl":"https://127.0.0.1/a.mp3","mediaType":"image"}"#,
        400,
        "unsupported_media_type",
        "mediaType",
    ),
];

/// Test numbers of the simulator (docs/simulator.md), and the final states of their messages: refused permanently, refused
/// once, and accepted without an answer.
const ENDS: [(&str, &str); 3] = [("1555131026", "failed"), ("15561131016", "read"), ("15550100004", "read")];

/// Checks a variant.
///
/// # Panics
/// When the variant does otherwise.
pub async fn check(stack: &TestStack) {
    let own = stack.customer.api_key.expose_secret();
    for (body, status, code, field) in REFUSED {
        let (answered, answer) = post(stack, own, None, body).await;
        let error = &answer["error"];
        let said = (answered, error["code"].as_str().unwrap_or_default(), error["field"].as_str().unwrap_or_default());
        assert_eq!(said, (status, code, field), "{body}");
    }
    let text =
        json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "hi", "metadata": { "b": 1, "7": [] } });
    assert_eq!(post(stack, "pombo_nobody", None, &text.to_string()).await.1["error"]["code"], "invalid_api_key");
    repeats(stack, own, text).await;
    ends(stack).await;
}

/// The same key and body make one message.
async fn repeats(stack: &TestStack, own: &str, text: Value) {
    let (status, first) = post(stack, own, Some("same"), &text.to_string()).await;
    assert_eq!(status, 202, "{first}");
    let id: MessageId = first["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    stack.wait_for_status(&id, "read").await;
    assert_eq!(post(stack, own, Some("same"), &text.to_string()).await, (202, first));
    let (status, answer) = post(stack, own, Some("same"), &text.to_string().replace("hi", "ho")).await;
    assert_eq!((status, &answer["error"]["code"]), (422, &json!("idempotency_key_reused")));
    assert_eq!(
        stack.record(&id).await.metadata.as_ref().map(|json| json.as_str()),
        Some(r#"{"7":[],"b":1}"#),
        "as JavaScript orders it"
    );
}

async fn ends(stack: &TestStack) {
    let before = stack.ledger(&stack.customer.account_id).await.credits;
    let mut ids = Vec::new();
    for (to, _) in ENDS {
        ids.push(stack.send_text(to, "hello").await);
    }
    for (id, (to, end)) in ids.iter().zip(ENDS) {
        let status = stack.wait_for_status(id, end).await;
        assert!(end == "read" || status["error"]["code"] == "recipient_unreachable", "{to}: {status}");
    }
    let after = stack.ledger(&stack.customer.account_id).await.credits;
    assert_eq!(before - after, 2, "credits: failed messages are refunded");
}

async fn post(stack: &TestStack, api_key: &str, idempotency_key: Option<&str>, body: &str) -> (u16, Value) {
    let request = stack.http.post(format!("{}/v1/messages/send", stack.stack.addresses.api));
    let request = request.bearer_auth(api_key).header("content-type", "application/json").body(body.to_owned());
    let request = match idempotency_key {
        Some(key) => request.header("idempotency-key", key),
        None => request,
    };
    let response = request.send().await.expect("the API answers");
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.expect("a body")).expect("JSON"))
}
