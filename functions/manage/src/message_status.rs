//! `GET /v1/messages/{messageId}/status`.

use lambda_http::Request;
use serde::Serialize;
use shared::account::Scope;
use shared::api_error::{ApiError, ErrorCode};
use shared::clock::Timestamp;
use shared::failure::Failure;
use shared::ids::MessageId;
use shared::message::{Direction, Message};

use crate::router::Manager;

/// The contract's answer.
#[derive(Serialize)]
pub struct StatusAnswer {
    success: bool,
    data: Status,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    message_id: MessageId,
    status: &'static str,
    to: String,
    sent_at: Option<String>,
    delivered_at: Option<String>,
    read_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
}

/// The status of a message that the caller's account sent. Another account's is not found.
pub async fn read(manager: &Manager, request: &Request, id: &str) -> Result<StatusAnswer, ApiError> {
    let caller = manager.authenticator.authenticate(request.headers()).await?;
    caller.require(Scope::MessagesRead)?;
    let not_found = || ApiError::new(ErrorCode::MessageNotFound, "there is no such message in this account");
    let id: MessageId = id.parse().map_err(|_| not_found())?;
    let found = manager.messages.get(&id).await.map_err(|error| ApiError::unavailable(error, 1))?;
    let own = |message: &Message| message.account_id == *caller.account() && message.direction == Direction::Outbound;
    let message = found.filter(own).ok_or_else(not_found)?;
    Ok(StatusAnswer { success: true, data: Status::of(message) })
}

impl Status {
    fn of(message: Message) -> Self {
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
