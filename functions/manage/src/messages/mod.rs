//! What customers ask about their messages.

mod cancel;
mod history;
mod status;

use lambda_http::Request;
use shared::api_error::{ApiError, ErrorCode};
use shared::authentication::Caller;
use shared::message::{Direction, Message};

use crate::answer::{Answer, unavailable};
use crate::endpoint::Endpoint;
use crate::router::Manager;

pub use cancel::fail_queued;
pub use history::Row;
pub use status::Status;

/// Answers an endpoint of this class.
pub async fn answer(
    manager: &Manager,
    caller: &Caller,
    endpoint: Endpoint<'_>,
    request: &Request,
) -> Result<Answer, ApiError> {
    match endpoint {
        Endpoint::ListMessages => history::list(manager, caller, request).await,
        Endpoint::MessageStatus(id) => status::read(manager, caller, id).await,
        Endpoint::CancelMessage(id) => cancel::cancel(manager, caller, id).await,
        _ => Err(ApiError::internal("an endpoint of another class")),
    }
}

/// A message that the caller's account sent. Another account's is not found.
async fn own(manager: &Manager, caller: &Caller, id: &str) -> Result<Message, ApiError> {
    let id = id.parse().map_err(|_| not_found())?;
    let found = manager.books.messages.get(&id).await.map_err(unavailable)?;
    let own = |message: &Message| message.account_id == *caller.account() && message.direction == Direction::Outbound;
    found.filter(own).ok_or_else(not_found)
}

fn not_found() -> ApiError {
    ApiError::new(ErrorCode::MessageNotFound, "there is no such message in this account")
}
