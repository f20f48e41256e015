//! `DELETE /v1/messages/{messageId}`.

use shared::clock;
use shared::message::FailureCode;

use crate::lookup;
use crate::messages::status::MessageStatusResponse;
use crate::prelude::*;

pub const CANCEL: Endpoint = Endpoint {
    route: Route::new("DELETE", "/v1/messages/{messageId}", customer!(MessagesWrite, cancel)),
    id: "cancelMessage",
    summary: "Cancel a queued message",
    describe: |operation| {
        let mut canceled = MessageStatusResponse::example("failed");
        canceled["error"] = json!({ "code": "canceled", "message": "The message was cancelled." });
        operation
            .description("Its credit is refunded. A message that is being sent can no longer be cancelled.")
            .answers_data::<MessageStatusResponse<'_>>(200, canceled)
            .errors(&[ErrorCode::MessageNotFound, ErrorCode::NotCancelable])
    },
};

/// Cancels a message that no process has claimed. One that was cancelled before gets the same response again.
async fn cancel(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let message = lookup::sent_message(state, caller, request).await?;
    let canceled = state.transitions.cancel(&message.account_id, &message.id).await.map_err(ApiError::internal)?;
    let message = state.messages.get(&message.id).await.map_err(unavailable)?.ok_or(ErrorCode::MessageNotFound)?;
    let is_canceled = |code: FailureCode| code == FailureCode::Canceled;
    if canceled.is_applied() || message.error.as_ref().is_some_and(|failure| is_canceled(failure.code)) {
        return ApiResponse::ok(&MessageStatusResponse::new(&message));
    }
    let status = match message.public_status(clock::now()) {
        "queued" => "already being sent",
        status => status,
    };
    let message = format!("Only a queued message can be cancelled; this one is {status}.");
    Err(ApiError::new(ErrorCode::NotCancelable, message))
}
