//! Checks that a gateway does the same work: the same answers to the same requests, and the same final states of messages.

use serde_json::{Value, json};

use super::gateway::{Gateway, answer, message_id};

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

/// Checks a gateway. `credits` reads the account's.
///
/// # Panics
/// When the gateway does otherwise.
pub async fn check(gateway: &Gateway, credits: impl AsyncFn() -> i64) {
    for (body, status, code, field) in REFUSED {
        let (answered, answer) = answer(gateway.request(body)).await;
        let error = &answer["error"];
        let said = (answered, error["code"].as_str().unwrap_or_default(), error["field"].as_str().unwrap_or_default());
        assert_eq!(said, (status, code, field), "{body}");
    }
    let text =
        json!({ "instanceId": "inst_abc123", "to": "5511999999999", "message": "hi", "metadata": { "b": 1, "7": [] } });
    let nobody = gateway.http.post(format!("{}/v1/messages/send", gateway.api)).bearer_auth("pombo_nobody");
    let (_, refusal) = answer(nobody.header("content-type", "application/json").body(text.to_string())).await;
    assert_eq!(refusal["error"]["code"], "invalid_api_key");
    repeats(gateway, &text).await;
    ends(gateway, credits).await;
}

/// The same key and body make one message.
async fn repeats(gateway: &Gateway, text: &Value) {
    let post = async |body: &str| answer(gateway.request(body).header("idempotency-key", "same")).await;
    let (status, first) = post(&text.to_string()).await;
    assert_eq!(status, 202, "{first}");
    let id = message_id(&first);
    gateway.wait_for_status(&id, "read").await;
    assert_eq!(post(&text.to_string()).await, (202, first));
    let (status, answer) = post(&text.to_string().replace("hi", "ho")).await;
    assert_eq!((status, &answer["error"]["code"]), (422, &json!("idempotency_key_reused")));
    let call = gateway.webhook.wait_for(&id, "message.read").await;
    let body = String::from_utf8_lossy(&call.body);
    assert!(body.contains(r#""metadata":{"7":[],"b":1}"#), "as JavaScript orders it: {body}");
}

async fn ends(gateway: &Gateway, credits: impl AsyncFn() -> i64) {
    let before = credits().await;
    let mut ids = Vec::new();
    for (to, _) in ENDS {
        ids.push(gateway.send_text(to, "hello").await);
    }
    for (id, (to, end)) in ids.iter().zip(ENDS) {
        let status = gateway.wait_for_status(id, end).await;
        assert!(end == "read" || status["error"]["code"] == "recipient_unreachable", "{to}: {status}");
    }
    assert_eq!(before - credits().await, 2, "credits: failed messages are refunded");
}
