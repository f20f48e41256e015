//! What the operator asks: accounts, their credits and keys, and the erasure of a phone number.

mod accounts;
mod credits;
mod erasure;
mod keys;
mod webhook;

use aws_lc_rs::{constant_time, digest};
use lambda_http::Request;
use lambda_http::http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use shared::account::Account;
use shared::api_error::{ApiError, ErrorCode};
use shared::authentication::bearer;

use crate::answer::{Answer, unavailable};
use crate::endpoint::Endpoint;
use crate::router::Manager;

pub use accounts::{ChangedFields as AccountFields, NewFields as NewAccountFields, Shown as ShownAccount};
pub use credits::{Credits, Fields as CreditsFields};
pub use erasure::Erased;
pub use keys::{Fields as KeyFields, Shown as ShownKey};
pub use webhook::{Fields as OperatorWebhookFields, Shown as ShownOperatorWebhook};

/// The deployment's admin key, as its hash.
pub struct AdminKey(digest::Digest);

impl AdminKey {
    /// The key that Secrets Manager generated.
    pub fn new(key: &SecretString) -> Self {
        Self(digest::digest(&digest::SHA256, key.expose_secret().as_bytes()))
    }

    /// Lets nobody else in. Hashes are compared, so that the time tells neither length nor content.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let given = digest::digest(&digest::SHA256, bearer(headers)?.as_bytes());
        constant_time::verify_slices_are_equal(self.0.as_ref(), given.as_ref())
            .map_err(|_| ApiError::new(ErrorCode::InvalidApiKey, "this is not the deployment's admin key"))
    }
}

/// Answers one of the operator's endpoints.
pub async fn answer(manager: &Manager, endpoint: Endpoint<'_>, request: &Request) -> Result<Answer, ApiError> {
    let body = request.body().as_ref();
    match endpoint {
        Endpoint::CreateAccount => accounts::create(manager, body).await,
        Endpoint::ListAccounts => accounts::list(manager, request).await,
        Endpoint::GetAccount(id) => accounts::show(manager, account(manager, id).await?).await,
        Endpoint::UpdateAccount(id) => accounts::update(manager, account(manager, id).await?, body).await,
        Endpoint::AddCredits(id) => credits::add(manager, &account(manager, id).await?, body).await,
        Endpoint::CreateKey(id) => keys::create(manager, &account(manager, id).await?, body).await,
        Endpoint::ListKeys(id) => keys::list(manager, &account(manager, id).await?, request).await,
        Endpoint::RevokeKey(id, key) => keys::revoke(manager, &account(manager, id).await?, key).await,
        Endpoint::ErasePhone(id, phone) => erasure::erase(manager, &account(manager, id).await?, phone).await,
        Endpoint::PutOperatorWebhook(id) => webhook::put(manager, &account(manager, id).await?, body).await,
        Endpoint::GetOperatorWebhook(id) => webhook::show(manager, &account(manager, id).await?).await,
        Endpoint::DeleteOperatorWebhook(id) => webhook::delete(manager, &account(manager, id).await?).await,
        _ => Err(ApiError::internal("not an endpoint of the operator's")),
    }
}

async fn account(manager: &Manager, id: &str) -> Result<Account, ApiError> {
    let not_found = || ApiError::new(ErrorCode::AccountNotFound, "there is no such account");
    let id = id.parse().map_err(|_| not_found())?;
    manager.books.accounts.account(&id).await.map_err(unavailable)?.ok_or_else(not_found)
}
