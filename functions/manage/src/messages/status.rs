//! `GET /v1/messages/{messageId}/status`.

use serde::Serialize;
use shared::api_error::ApiError;
use shared::authentication::Caller;
use shared::clock::Timestamp;
use shared::failure::Failure;
use shared::ids::MessageId;
use shared::message::Message;
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::router::Manager;

/// The contract's answer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MessageStatus)]
pub struct Status {
    message_id: MessageId,
    status: &'static str,
    to: String,
    sent_at: Option<String>,
    delivered_at: Option<String>,
    read_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
}

/// The status of a message that the caller's account sent.
pub async fn read(manager: &Manager, caller: &Caller, id: &str) -> Result<Answer, ApiError> {
    Answer::ok(&Status::of(super::own(manager, caller, id).await?))
}

impl Status {
    /// A record as customers see it.
    pub fn of(message: Message) -> Self {
        let shown = |time: Option<Timestamp>| time.map(|time| time.to_string());
        Self {
            status: message.status.shown(),
            to: message.phone.digits().to_owned(),
            sent_at: shown(message.sent_at),
            delivered_at: shown(message.delivered_at),
            read_at: shown(message.read_at),
            error: message.error,
            message_id: message.id,
        }
    }
}
