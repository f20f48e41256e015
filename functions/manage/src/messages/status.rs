//! `GET /v1/messages/{messageId}/status`.

use shared::clock::{self, Timestamp};
use shared::ids::MessageId;
use shared::message::{Failure, Message, MessageStatus, Pricing};

use crate::lookup;
use crate::prelude::*;

/// The status of a message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageStatusResponse<'a> {
    /// The id of the message.
    message_id: &'a MessageId,
    /// How far it has come.
    #[schema(value_type = MessageStatus)]
    status: &'static str,
    /// The recipient, as it was given.
    to: &'a str,
    /// When WhatsApp accepted it.
    #[schema(format = DateTime)]
    sent_at: Option<String>,
    /// When it was delivered to the recipient's phone.
    #[schema(format = DateTime)]
    delivered_at: Option<String>,
    /// When the recipient opened it.
    #[schema(format = DateTime)]
    read_at: Option<String>,
    /// When a voice message was first played.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    played_at: Option<String>,
    /// What the message costs at WhatsApp, once WhatsApp has said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<&'a Pricing>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Failure>,
}

impl<'a> MessageStatusResponse<'a> {
    /// The status in a message's record.
    pub fn new(message: &'a Message) -> Self {
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        Self {
            message_id: &message.id,
            status: message.public_status(clock::now()),
            to: message.contact.as_str(),
            sent_at: text(message.sent_at),
            delivered_at: text(message.delivered_at),
            read_at: text(message.read_at),
            played_at: text(message.played_at),
            pricing: message.pricing.as_ref(),
            error: message.error.as_ref().filter(|_| message.public_status(clock::now()) == "failed"),
        }
    }

    /// An example for the OpenAPI document.
    pub fn example(status: &str) -> Value {
        json!({
            "messageId": "msg_xyz789", "status": status, "to": "5511999999999",
            "sentAt": null, "deliveredAt": null, "readAt": null,
        })
    }
}

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/messages/{messageId}/status", customer!(MessagesRead, get)),
    id: "getMessageStatus",
    summary: "Get the status of a message",
    describe: |operation| {
        operation
            .answers_data::<MessageStatusResponse<'_>>(200, MessageStatusResponse::example("queued"))
            .errors(&[ErrorCode::MessageNotFound])
    },
};

async fn get(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let message = lookup::sent_message(state, caller, request).await?;
    ApiResponse::ok(&MessageStatusResponse::new(&message))
}
