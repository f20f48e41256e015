//! The OpenAPI description of `send`.

use serde_json::{Value, json};
use shared::account::Scope;
use shared::http::{Credential, ErrorCode, Operation};

use crate::batch::{self, BatchBody, BatchResponse};
use crate::handler::SendResponse;
use crate::send_request_body::{InboundSendRequestBody, SendRequestBody};

/// The errors of sending, with an API key or through an inbound URL.
const SENDING: [ErrorCode; 18] = [
    ErrorCode::InvalidPhoneNumber,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::MediaTooLarge,
    ErrorCode::MediaNotFound,
    ErrorCode::MediaNotReady,
    ErrorCode::ProviderError,
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
    let accepted_batch = json!({
        "success": true, "batchId": "batch_abc123", "accepted": 1, "status": "queued",
        "rejected": [{ "index": 1, "code": "invalid_phone_number", "field": "to",
            "message": "`to` must be digits only, in international format, such as 5511999999999." }],
        "messages": [{ "index": 0, "messageId": "msg_xyz789" }], "timestamp": "2026-02-03T12:00:00.000Z",
    });
    let (send, send_batch) =
        (Credential::Key(Scope::MessagesWrite.name()), Credential::Key(Scope::MessagesWrite.name()));
    vec![
        Operation::new("POST", "/v1/messages/send", "sendMessage", send, "Send a message")
            .header("Idempotency-Key", key.clone(), repeats)
            .body::<SendRequestBody>(true, &examples())
            .answers::<SendResponse>(202, accepted)
            .errors(&SENDING),
        Operation::new("POST", batch::PATH, "sendBatch", send_batch, "Send a batch of messages")
            .description(
                "The messages to 1 to 1,000 recipients, with one charge for all that are acceptable. The fields of a message are \
                 common to all; a recipient's own come in their place. The body has at most 1 MB. The batch is one request for \
                 the key's limit. Its messages leave as the number's rate lets them, those of several batches in turn, beside \
                 other messages of the number, and have no order with these. Send an `Idempotency-Key`: after an answer of 5xx or none, a part may \
                 have been accepted, which the same request with the same key completes.",
            )
            .header("Idempotency-Key", key.clone(), "Makes retries safe: the same batch is accepted once. Batches have keys of their own")
            .body::<BatchBody>(true, &[("template", batch_example())])
            .answers::<BatchResponse>(202, accepted_batch)
            .errors(&SENDING)
            .errors(&[ErrorCode::LimitReached]),
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

fn batch_example() -> Value {
    let parameters = |name: &str| json!([{ "type": "body", "parameters": [{ "type": "text", "text": name }] }]);
    let template = |name: &str| json!({ "name": "welcome", "language": "pt_BR", "components": parameters(name) });
    json!({ "instanceId": "inst_abc123", "recipients": [
        { "to": "5511999999999", "template": template("Ana"), "reference": "customer-1001" },
        { "to": "5511999999998", "template": template("Bruno"), "reference": "customer-1002" },
    ] })
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
