//! The OpenAPI description of `send`.

use serde_json::{Value, json};
use shared::account::Scope;
use shared::http::{Credential, ErrorCode, Operation};

use crate::handler::SendResponse;
use crate::send_request_body::{InboundSendRequestBody, SendRequestBody};

/// The errors of sending, with an API key or through an inbound URL.
const SENDING: [ErrorCode; 17] = [
    ErrorCode::InvalidPhoneNumber,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::MediaTooLarge,
    ErrorCode::MediaNotFound,
    ErrorCode::MediaNotReady,
    ErrorCode::InsufficientCredits,
    ErrorCode::InvalidInstance,
    ErrorCode::InstanceDisconnected,
    ErrorCode::InstancePaused,
    ErrorCode::OutsideWindow,
    ErrorCode::RecipientOptedOut,
    ErrorCode::IdempotencyInProgress,
    ErrorCode::IdempotencyKeyReused,
    ErrorCode::UnknownTemplate,
    ErrorCode::InvalidTemplateParameters,
    ErrorCode::InvalidRequest,
    ErrorCode::PayloadTooLarge,
];

/// The operations.
pub fn operations() -> Vec<Operation> {
    let key = json!({ "type": "string", "minLength": 1, "maxLength": 255 });
    let repeats = "Makes retries safe: requests with the same key and body create one message and one charge";
    let accepted = json!({
        "success": true, "messageId": "msg_xyz789", "status": "queued", "timestamp": "2026-02-03T12:00:00.000Z",
    });
    let taken = json!({ "success": true, "messageId": "msg_xyz789", "status": "queued" });
    let send = Credential::Key(Scope::MessagesWrite.name());
    vec![
        Operation::new("POST", "/v1/messages/send", "sendMessage", send, "Send a message")
            .header("Idempotency-Key", key.clone(), repeats)
            .body::<SendRequestBody>(true, &examples())
            .answers::<SendResponse>(202, accepted)
            .errors(&SENDING),
        Operation::new(
            "POST",
            "/webhook/{token}",
            "sendInbound",
            Credential::Path,
            "Send a message through an inbound URL",
        )
        .header("Idempotency-Key", key, repeats)
        .body::<InboundSendRequestBody>(true, &[("text", json!({ "to": "5511999999999", "message": "Hello" }))])
        .answers::<SendResponse>(202, taken)
        .errors(&SENDING),
    ]
}

fn examples() -> [(&'static str, Value); 6] {
    let with = |rest: Value| {
        let mut body = json!({ "instanceId": "inst_abc123", "to": "5511999999999" });
        if let (Some(body), Value::Object(rest)) = (body.as_object_mut(), rest) {
            body.extend(rest);
        }
        body
    };
    let template = json!({ "name": "welcome", "language": "pt_BR", "components": [
        { "type": "body", "parameters": [{ "type": "text", "text": "Ana" }] },
    ] });
    [
        ("text", with(json!({ "message": "Hello! How can I help you today?" }))),
        (
            "image",
            with(json!({ "mediaUrl": "https://example.com/image.jpg", "mediaType": "image", "caption": "New!" })),
        ),
        (
            "document",
            with(json!({
                "mediaUrl": "https://example.com/invoice.pdf",
                "mediaType": "document",
                "filename": "Invoice-2026-001.pdf",
                "caption": "Here is your invoice",
            })),
        ),
        ("upload", with(json!({ "mediaId": "media_abc123", "mediaType": "image", "caption": "New!" }))),
        ("reply", with(json!({ "message": "Here is the answer", "quotedMessageId": "msg_original123" }))),
        ("template", with(json!({ "template": template }))),
    ]
}
