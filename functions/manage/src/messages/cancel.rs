//! `DELETE /v1/messages/{messageId}`: cancels a message that nobody has begun to send.

use shared::api_error::{ApiError, ErrorCode};
use shared::authentication::Caller;
use shared::change::Change;
use shared::clock;
use shared::failure::{Failure, FailureCode};
use shared::message::Message;
use shared::message_table::Billed;
use shared::state::{State, Transition};

use super::status::Status;
use crate::answer::{Answer, unavailable};
use crate::router::Manager;

/// Cancels it and gives its credit back. One that was cancelled before answers the same again.
pub async fn cancel(manager: &Manager, caller: &Caller, id: &str) -> Result<Answer, ApiError> {
    let message = super::own(manager, caller, id).await?;
    let canceled = fail_queued(manager, &message).await?;
    let standing = manager.books.messages.get(&message.id).await.map_err(unavailable)?;
    let standing = standing.ok_or_else(super::not_found)?;
    if canceled || standing.error.as_ref().is_some_and(|failure| failure.code == FailureCode::Canceled) {
        return Answer::ok(&Status::of(standing));
    }
    let shown = standing.status.shown();
    let message = if shown == "queued" { "is being sent already" } else { shown };
    Err(ApiError::new(ErrorCode::NotCancelable, format!("only a queued message can be cancelled: this one {message}")))
}

/// Fails a message that is queued and in nobody's hands, and gives its credit back; `false` when somebody has it.
pub async fn fail_queued(manager: &Manager, message: &Message) -> Result<bool, ApiError> {
    let failure = Failure { code: FailureCode::Canceled, message: "it was cancelled".to_owned(), provider_code: None };
    let change = Change::new()
        .state(State::Failed)
        .set("failedAt", clock::now())
        .set("error", failure)
        .set("ev", Transition::Failed)
        .when_equal("rank", State::Queued.rank());
    let billed = manager.books.fail(&message.account_id, &message.id, change).await;
    let canceled = matches!(billed.map_err(ApiError::internal)?, Billed::Done);
    if canceled {
        tracing::info!(message_id = %message.id, "message.canceled");
    }
    Ok(canceled)
}
