//! `POST /v1/messages/{messageId}/read`: tells WhatsApp at once that a received message was read.

use shared::message::Direction;

use crate::lookup;
use crate::prelude::*;
use crate::provider::{Connection, provider_error};

/// What is shown beside the read receipt.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReadMessageRequest {
    /// Whether to show that an answer is being typed, until it comes or for 25 seconds.
    #[schema(default = false)]
    typing: Option<bool>,
}

/// The message that was marked as read.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReadMessageResponse<'a> {
    /// The id of the message.
    message_id: &'a str,
}

pub const READ: Endpoint = Endpoint {
    route: Route::new("POST", "/v1/messages/{messageId}/read", customer!(MessagesWrite, read)),
    id: "readMessage",
    summary: "Mark a received message as read",
    describe: |operation| {
        operation
            .description(
                "The sender sees that this message and all earlier ones of the conversation were read; in a group, this one \
                 alone. With `typing`, also that an answer is being typed.",
            )
            .body::<ReadMessageRequest>(false, &[("typing", json!({ "typing": true }))])
            .answers_data::<ReadMessageResponse<'_>>(200, json!({ "messageId": "msg_xyz789" }))
            .errors(&[
                ErrorCode::MessageNotFound,
                ErrorCode::InstanceNotFound,
                ErrorCode::InstanceDisconnected,
                ErrorCode::InvalidRequest,
                ErrorCode::ProviderError,
            ])
    },
};

async fn read(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let ReadMessageRequest { typing } = request.body_or_default()?;
    let message = lookup::message(state, caller, request).await?;
    let provider_id = message.provider_id.as_deref().filter(|_| message.direction == Direction::Inbound);
    let provider_id = provider_id.ok_or_else(|| {
        ApiError::invalid("messageId", "`messageId` must be the id of a received message: only those can be read.")
    })?;
    let instance = lookup::instance_with_id(state, caller, message.instance_id.as_str()).await?;
    let Connection { number, token } = Connection::new(state, &instance).await?;
    let read = state
        .whatsapp
        .mark_read(&number.id, &token, provider_id, typing == Some(true))
        .await
        .map_err(provider_error)?;
    if !read {
        return Err(ApiError::new(ErrorCode::ProviderError, "WhatsApp declined to mark the message as read."));
    }
    ApiResponse::ok(&ReadMessageResponse { message_id: message.id.as_str() })
}
