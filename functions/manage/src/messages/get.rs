//! `GET /v1/messages/{messageId}`.

use super::message_response::MessageResponse;
use super::selection::{chat_id, chats_of};
use crate::lookup;
use crate::prelude::*;

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/messages/{messageId}", customer!(MessagesRead, get)),
    id: "getMessage",
    summary: "Get a message",
    describe: |operation| {
        operation
            .description("A message that was sent or received, as lists show it.")
            .answers_data::<MessageResponse<'_>>(200, MessageResponse::example())
            .errors(&[ErrorCode::MessageNotFound])
    },
};

async fn get(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let message = lookup::message(state, caller, request).await?;
    let chats = chats_of(state, std::slice::from_ref(&message)).await?;
    ApiResponse::ok(&MessageResponse::new(&message, chat_id(&message, &chats)))
}
