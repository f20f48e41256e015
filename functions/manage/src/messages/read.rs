//! `POST /v1/messages/{messageId}/read`: tells WhatsApp at once that a received message was read.

use secrecy::SecretString;
use shared::instance::{Instance, Number};
use shared::message::Direction;
use shared::security::DecryptionError;
use shared::whatsapp::{GraphError, ManagementError, Reaction};

use crate::lookup;
use crate::prelude::*;
use crate::secrets::ManageSecrets;

/// When a client should retry after WhatsApp did not answer, in seconds.
const RETRY_AFTER: u32 = 5;

/// What is shown beside the read receipt.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReadMessageRequest {
    /// Whether to show that an answer is being typed, until it comes or for 25 seconds.
    #[serde(default)]
    typing: bool,
}

/// The message that was marked as read.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReadMessageResponse<'a> {
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
    let number = instance.connected_number().ok_or(ErrorCode::InstanceDisconnected)?;
    // `deliver` has found that WhatsApp does not answer for this number: no process of this function waits for it.
    if instance.unanswered.is_some() {
        return Err(ApiError::unavailable("WhatsApp does not answer for the number", RETRY_AFTER));
    }
    let token = token(state, &instance, number).await?;
    match state.whatsapp.mark_read(&number.id, &token, provider_id, typing).await {
        Ok(true) => ApiResponse::ok(&ReadMessageResponse { message_id: message.id.as_str() }),
        Ok(false) => Err(ApiError::new(ErrorCode::ProviderError, "WhatsApp declined to mark the message as read.")),
        Err(ManagementError::Unavailable(cause)) => Err(ApiError::unavailable(cause, RETRY_AFTER)),
        Err(ManagementError::Refused(error)) => Err(refused(error)),
    }
}

/// The number's access token, decrypted.
async fn token(state: &AppState, instance: &Instance, number: &Number) -> Result<SecretString, ApiError> {
    let aad = Instance::token_aad(&instance.account_id, &instance.id);
    let decrypt = |secrets: &ManageSecrets| secrets.cipher.decrypt(&number.access_token, &aad);
    let is_unknown = |token: &Result<_, DecryptionError>| matches!(token, Err(DecryptionError::UnknownKey));
    state.secrets.with_latest(decrypt, is_unknown).await.map_err(ApiError::internal)
}

/// An error of WhatsApp's: one that passes is ours to say, and one that does not is for the customer to mend.
fn refused(error: GraphError) -> ApiError {
    let failure = error.failure();
    match error.meaning().reaction {
        Reaction::Retry(_) | Reaction::RetryAndPause(_) => {
            ApiError::unavailable(format!("WhatsApp: error {}", error.code), RETRY_AFTER)
        }
        _ => ApiError {
            provider_code: failure.provider_code,
            ..ApiError::new(ErrorCode::ProviderError, format!("WhatsApp refused the request: {}", failure.message))
        },
    }
}
