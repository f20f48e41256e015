//! The records that requests name. A record of another account is not found.

use shared::account::{Account, Caller};
use shared::batch::{Batch, BatchState};
use shared::http::request_body::required;
use shared::http::{ApiError, ErrorCode};
use shared::instance::Instance;
use shared::message::{Direction, Message};
use shared::webhook::Webhook;

use crate::api_request::ApiRequest;
use crate::api_response::unavailable;
use crate::app_state::AppState;

/// The parameter of a query that names the account which the operator reads.
pub const ACCOUNT: &str = "accountId";

/// The account in the path.
pub async fn account(state: &AppState, request: ApiRequest<'_>) -> Result<Account, ApiError> {
    account_with_id(state, request.parameter("accountId")).await
}

/// The account in the path, unless it is closing: what is refused of one that is closed.
pub async fn open_account(state: &AppState, request: ApiRequest<'_>) -> Result<Account, ApiError> {
    let found = account(state, request).await?;
    Ok(Some(found).filter(Account::is_open).ok_or(ErrorCode::AccountClosed)?)
}

/// The account that the query names, whose data the operator reads.
pub async fn account_in_query(state: &AppState, request: ApiRequest<'_>) -> Result<Account, ApiError> {
    let what = "with the admin key, the id of the account that you want to read";
    account_with_id(state, required(request.query(ACCOUNT), ACCOUNT, what)?).await
}

async fn account_with_id(state: &AppState, id: &str) -> Result<Account, ApiError> {
    let id = id.parse().map_err(|_| ErrorCode::AccountNotFound)?;
    let found = state.accounts.account(&id).await.map_err(unavailable)?;
    Ok(found.ok_or(ErrorCode::AccountNotFound)?)
}

/// The batch with an id, if it was accepted.
pub async fn batch(state: &AppState, caller: &Caller, id: &str) -> Result<Batch, ApiError> {
    let id = id.parse().map_err(|_| ErrorCode::BatchNotFound)?;
    let found = state.accounts.batch(caller.account(), &id).await.map_err(unavailable)?;
    Ok(found.filter(|batch| batch.state == BatchState::Accepted).ok_or(ErrorCode::BatchNotFound)?)
}

/// The instance in the path.
pub async fn instance(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> Result<Instance, ApiError> {
    instance_with_id(state, caller, request.parameter("instanceId")).await
}

/// The instance that the query names.
pub async fn instance_in_query(
    state: &AppState,
    caller: &Caller,
    request: ApiRequest<'_>,
) -> Result<Instance, ApiError> {
    let id = required(request.query("instanceId"), "instanceId", "the id of the instance")?;
    instance_with_id(state, caller, id).await
}

/// The instance that the query names, if it names one.
pub async fn any_instance_in_query(
    state: &AppState,
    caller: &Caller,
    request: ApiRequest<'_>,
) -> Result<Option<Instance>, ApiError> {
    match request.query("instanceId") {
        Some(id) => instance_with_id(state, caller, id).await.map(Some),
        None => Ok(None),
    }
}

/// The instance with this id.
pub async fn instance_with_id(state: &AppState, caller: &Caller, id: &str) -> Result<Instance, ApiError> {
    let id = id.parse().map_err(|_| ErrorCode::InstanceNotFound)?;
    let found = state.accounts.instance(caller.account(), &id).await.map_err(unavailable)?;
    Ok(found.ok_or(ErrorCode::InstanceNotFound)?)
}

/// The webhook in the path.
pub async fn webhook(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> Result<Webhook, ApiError> {
    let id = request.id("webhookId", ErrorCode::WebhookNotFound)?;
    let found = state.accounts.webhook(caller.account(), &id).await.map_err(unavailable)?;
    Ok(found.ok_or(ErrorCode::WebhookNotFound)?)
}

/// The message in the path, which the account sent.
pub async fn sent_message(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> Result<Message, ApiError> {
    let found = message(state, caller, request).await?;
    Ok(Some(found).filter(|found| found.direction == Direction::Outbound).ok_or(ErrorCode::MessageNotFound)?)
}

/// The message in the path, which the account sent or received.
pub async fn message(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> Result<Message, ApiError> {
    let id = request.id("messageId", ErrorCode::MessageNotFound)?;
    let found = state.messages.get(&id).await.map_err(unavailable)?;
    Ok(found.filter(|found| found.account_id == *caller.account()).ok_or(ErrorCode::MessageNotFound)?)
}
