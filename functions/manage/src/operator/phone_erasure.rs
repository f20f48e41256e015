//! `DELETE /v1/admin/accounts/{accountId}/phones/{phone}`.

use shared::clock;
use shared::ids::InstanceId;
use shared::message::record::conversation_key;
use shared::message::{History, MAX_PAGE, Message, Page, State};
use shared::phone_number::{InvalidPhoneNumber, PhoneNumber};

use crate::lookup;
use crate::prelude::*;

/// The result of an erasure.
#[derive(Default, Serialize, ToSchema)]
struct PhoneErasureResponse {
    /// Messages that were erased.
    erased: usize,
    /// Messages that are being sent or whose outcome is not known yet. They are kept, so that none is sent twice or lost:
    /// repeat the request in 15 minutes.
    remaining: usize,
}

pub const ERASE: Endpoint = Endpoint {
    route: Route::new("DELETE", "/v1/admin/accounts/{accountId}/phones/{phone}", operator!(erase)),
    id: "erasePhone",
    summary: "Erase a phone number's messages",
    describe: |operation| {
        operation
            .description("All messages of the account with the number. Queued ones are cancelled first and refunded.")
            .answers_data::<PhoneErasureResponse>(200, json!({ "erased": 12, "remaining": 0 }))
            .errors(&[ErrorCode::AccountNotFound, ErrorCode::InvalidPhoneNumber])
    },
};

async fn erase(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let account = lookup::account(state, request).await?;
    let phone: PhoneNumber = request.parameter("phone").parse().map_err(|error: InvalidPhoneNumber| {
        ApiError::field(ErrorCode::InvalidPhoneNumber, "phone", format!("`phone` {error}"))
    })?;
    let instances = state.accounts.instances(&account.id).await.map_err(unavailable)?;
    let deleted = state.accounts.deleted_instances(&account.id).await.map_err(unavailable)?;
    let mut result = PhoneErasureResponse::default();
    for instance in instances.into_iter().map(|instance| instance.id).chain(deleted) {
        erase_conversation(state, &instance, &phone, &mut result).await?;
    }
    let PhoneErasureResponse { erased, remaining } = result;
    tracing::info!(account_id = %account.id, erased, remaining, "messages.erased");
    ApiResponse::ok(&result)
}

async fn erase_conversation(
    state: &AppState,
    instance: &InstanceId,
    phone: &PhoneNumber,
    result: &mut PhoneErasureResponse,
) -> Result<(), ApiError> {
    let conversation = conversation_key(instance, phone.digits());
    let history = History::Conversation(&conversation);
    let mut last: Option<Message> = None;
    loop {
        let page = last.as_ref().map_or(Page::Newest, Page::Before);
        let (messages, has_more) = state.messages.history(&history, &page, MAX_PAGE).await.map_err(unavailable)?;
        for message in &messages {
            let is_erased = is_final(state, message).await?
                && state.messages.erase(message, clock::now()).await.map_err(ApiError::internal)?;
            result.erased += usize::from(is_erased);
            result.remaining += usize::from(!is_erased);
        }
        last = messages.into_iter().next_back();
        if !has_more || last.is_none() {
            return Ok(());
        }
    }
}

/// Whether a message will not be sent any more. A queued one is cancelled.
async fn is_final(state: &AppState, message: &Message) -> Result<bool, ApiError> {
    match message.status {
        State::Queued => {
            let canceled = state.transitions.cancel(&message.account_id, &message.id).await;
            Ok(canceled.map_err(ApiError::internal)?.is_applied())
        }
        State::Sending | State::Unknown | State::Held => Ok(false),
        State::Unconfirmed | State::Sent | State::Failed | State::Delivered | State::Read => Ok(true),
    }
}
