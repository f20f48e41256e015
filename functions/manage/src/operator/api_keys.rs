//! `/v1/admin/accounts/{accountId}/keys`: API keys, whose secrets are only in the responses that create them.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use shared::account::repeatable_request::RepeatableRequest;
use shared::account::{ApiKey, InboundUrlListing, KeyListing, Scope, api_key};
use shared::aws::{ConditionalWrite, TableError};
use shared::clock::{self, InvalidTimestamp, Timestamp};
use shared::http::request_body::{self, required};
use shared::ids::KeyId;
use shared::security::EncryptedSecret;

use crate::account_bounds::create_within;
use crate::operator::idempotency_header;
use crate::prelude::*;
use crate::webhooks::inbound_url;
use crate::{lookup, pagination};

/// How long an Idempotency-Key is remembered, with the encrypted API key: long enough for any client to ask again.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// A new API key.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateApiKeyRequest {
    /// What you call the key. At most 100 characters.
    #[schema(required = true, value_type = String, min_length = 1, max_length = 100)]
    name: Option<String>,
    /// All scopes by default.
    scopes: Option<Vec<Scope>>,
    /// When it expires; never by default.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// An API key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ApiKeyResponse {
    /// The id of the key, which is not secret.
    id: KeyId,
    /// The key itself: only in the response that creates it.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// What you call it.
    name: String,
    /// What it may do.
    scopes: Vec<Scope>,
    /// When it expires; null for never.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// When it was created.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it, or an inbound URL that it created, was last used, to within an hour. Known from this version on.
    last_used_at: Option<String>,
}

/// What a creation with an Idempotency-Key keeps for a day, so that a repeated request gets the same answer.
#[derive(Deserialize, Serialize)]
struct CreatedKey {
    key: ApiKey,
    /// The key itself, encrypted for [`secret_aad`].
    secret: EncryptedSecret,
}

impl ApiKeyResponse {
    fn new(KeyListing { key, last_used_at, .. }: KeyListing) -> Self {
        Self {
            id: key.id,
            key: None,
            name: key.name,
            scopes: key.scopes,
            expires_at: key.expires_at.map(|at| at.to_string()),
            created_at: key.created_at.to_string(),
            last_used_at: last_used_at.map(|at| at.to_string()),
        }
    }

    fn example() -> Value {
        json!({
            "id": "key_xyz789", "name": "Server", "scopes": ["messages:write"], "expiresAt": null,
            "createdAt": "2026-02-03T12:00:00.000Z", "lastUsedAt": null,
        })
    }
}

pub const CREATE: Endpoint = Endpoint {
    route: Route::new("POST", "/v1/admin/accounts/{accountId}/keys", operator!(create)),
    id: "createKey",
    summary: "Create an API key",
    describe: |operation| {
        let mut created = ApiKeyResponse::example();
        created["key"] = json!("pombo_…");
        let repeats = "The same key creates once in a day; a repeated request gets the first response";
        idempotency_header(operation, repeats)
            .description("The key is only in this response.")
            .body::<CreateApiKeyRequest>(true, &[("key", json!({ "name": "Server", "scopes": ["messages:write"] }))])
            .answers_data::<ApiKeyResponse>(201, created)
            .errors(&[
                ErrorCode::AccountNotFound,
                ErrorCode::AccountClosed,
                ErrorCode::KeyNotFound,
                ErrorCode::LimitReached,
                ErrorCode::IdempotencyKeyReused,
            ])
    },
};

pub const LIST: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/admin/accounts/{accountId}/keys", operator!(list)).with_query(&["limit", "offset"]),
    id: "listKeys",
    summary: "List API keys, oldest first",
    describe: |operation| {
        pagination::describe_offset_page::<ApiKeyResponse>(operation, ApiKeyResponse::example())
            .errors(&[ErrorCode::AccountNotFound, ErrorCode::InvalidRequest])
    },
};

pub const REVOKE: Endpoint = Endpoint {
    route: Route::new("DELETE", "/v1/admin/accounts/{accountId}/keys/{keyId}", operator!(revoke)),
    id: "revokeKey",
    summary: "Revoke an API key",
    describe: |operation| {
        operation
            .description("The key, and the inbound URLs that it created, may work for up to a minute more.")
            .answers_nothing()
            .errors(&[ErrorCode::AccountNotFound, ErrorCode::KeyNotFound])
    },
};

async fn create(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let account = lookup::open_account(state, request).await?;
    let repeatable = request.repeatable(&account.id, "keys")?;
    if let Some(request) = &repeatable
        && request.first::<CreatedKey>(&state.accounts).await?.is_some()
    {
        return repeat(state, request).await; // whose `expiresAt` may have passed meanwhile
    }
    let body: CreateApiKeyRequest = request.body()?;
    let scopes = body.scopes.unwrap_or_else(|| Scope::ALL.to_vec());
    if scopes.is_empty() {
        return Err(ApiError::invalid(
            "scopes",
            "`scopes` must name at least one scope; leave it out for all of them.",
        ));
    }
    let key = ApiKey {
        id: KeyId::generate(),
        account_id: account.id,
        name: request_body::name(required(body.name, "name", "what you call the API key")?)?,
        scopes: Scope::ALL.iter().copied().filter(|scope| scopes.contains(scope)).collect(),
        expires_at: body.expires_at.as_deref().map(expires_at).transpose()?,
        instance_id: None,
        created_by: None,
        created_at: clock::now(),
    };
    let (secret, hash) = api_key::generate();
    let (accounts, account) = (&state.accounts, &key.account_id);
    let mut writes = accounts.new_api_key(&hash, &key).map_err(ApiError::internal)?.to_vec();
    writes.extend(repeatable.as_ref().map(|request| {
        let secret = state.secrets.get().cipher.encrypt(&secret, &secret_aad(&key));
        request.done(accounts, &CreatedKey { key: key.clone(), secret }, KEPT)
    }));
    let check = || async {
        match &repeatable {
            Some(request) if request.first::<CreatedKey>(accounts).await?.is_some() => Ok(()), // it creates nothing
            _ => state.bounds.api_keys.check(account).await,
        }
    };
    let written = create_within(accounts, account, check, &writes).await?;
    if let (ConditionalWrite::Refused(_), Some(request)) = (written, &repeatable) {
        return repeat(state, request).await;
    }
    tracing::info!(account_id = %account, key_id = %key.id, "api_key.created");
    created_response(key, &secret)
}

/// The answer of the first request with an Idempotency-Key.
async fn repeat(state: &AppState, request: &RepeatableRequest) -> ApiResult {
    let first: Option<CreatedKey> = request.first(&state.accounts).await?;
    let CreatedKey { key, secret } = first.ok_or_else(|| unavailable(TableError::Conflict))?; // forgotten this moment
    let listing = state.accounts.key_listing(&key.account_id, &key.id).await.map_err(unavailable)?;
    if listing.is_none() {
        let message =
            "The API key that this Idempotency-Key created was revoked: create one with another Idempotency-Key.";
        return Err(ApiError::new(ErrorCode::KeyNotFound, message));
    }
    let aad = secret_aad(&key);
    let secret = state.secrets.decrypt(|secrets| secrets.cipher.decrypt(&secret, &aad)).await;
    created_response(key, &secret.map_err(ApiError::internal)?)
}

fn created_response(key: ApiKey, secret: &SecretString) -> ApiResult {
    let listing = KeyListing { key, hash: String::new(), last_used_at: None };
    let secret = Some(secret.expose_secret().to_owned());
    ApiResponse::created(&ApiKeyResponse { key: secret, ..ApiKeyResponse::new(listing) })
}

/// The associated data of a key's encryption.
fn secret_aad(key: &ApiKey) -> String {
    format!("{}/{}/apiKey", key.account_id, key.id)
}

fn expires_at(text: &str) -> Result<Timestamp, ApiError> {
    let invalid = |error: InvalidTimestamp| ApiError::invalid("expiresAt", format!("`expiresAt` {error}"));
    let at: Timestamp = text.parse().map_err(invalid)?;
    if at <= clock::now() {
        return Err(ApiError::invalid("expiresAt", "`expiresAt` must be in the future."));
    }
    Ok(at)
}

async fn list(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let account = lookup::account(state, request).await?;
    let mut keys = state.accounts.api_keys(&account.id).await.map_err(unavailable)?;
    keys.sort_by(|KeyListing { key: a, .. }, KeyListing { key: b, .. }| {
        (a.created_at, &a.id).cmp(&(b.created_at, &b.id))
    });
    let (keys, page) = pagination::offset_page(request, keys)?;
    let rows: Vec<_> = keys.into_iter().map(ApiKeyResponse::new).collect();
    ApiResponse::page(&rows, page)
}

async fn revoke(state: &AppState, request: ApiRequest<'_>) -> ApiResult {
    let account = lookup::account(state, request).await?;
    let id: KeyId = request.id("keyId", ErrorCode::KeyNotFound)?;
    let listing = state.accounts.key_listing(&account.id, &id).await.map_err(unavailable)?;
    let listing = listing.ok_or(ErrorCode::KeyNotFound)?;
    let is_obsolete =
        |url: &InboundUrlListing| url.key.as_ref().is_some_and(|key| key.created_by.as_ref() == Some(&id));
    inbound_url::delete_obsolete(state, &account.id, is_obsolete).await?;
    state.accounts.revoke_api_key(&listing).await.map_err(ApiError::internal)?;
    tracing::info!(account_id = %account.id, key_id = %id, "api_key.revoked");
    Ok(ApiResponse::no_content())
}
