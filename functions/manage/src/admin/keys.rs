//! API keys: shown once, listed without their secrets, revoked.

use lambda_http::Request;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use shared::account::{Account, ApiKey, KeyListing, Scope};
use shared::account_key::ItemKey;
use shared::api_error::{ApiError, ErrorCode};
use shared::api_key::{self, KeyHash};
use shared::clock::{self, Timestamp};
use shared::conditional_write::Transacted;
use shared::ids::KeyId;
use shared::request_body::{self, required};
use utoipa::ToSchema;

use super::unavailable;
use crate::answer::Answer;
use crate::query;
use crate::router::Manager;

/// The body that is taken.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = KeyBody)]
pub struct Fields {
    #[schema(required = true, value_type = String)]
    name: Option<String>,
    scopes: Option<Vec<Scope>>,
    expires_at: Option<String>,
}

/// A key as the operator sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Key)]
pub struct Shown {
    id: KeyId,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    name: String,
    scopes: Vec<Scope>,
    expires_at: Option<String>,
    created_at: String,
}

/// `POST /v1/admin/accounts/{id}/keys`.
pub async fn create(manager: &Manager, account: &Account, body: &[u8]) -> Result<Answer, ApiError> {
    let fields: Fields = request_body::read(body)?;
    let scopes = fields.scopes.unwrap_or_else(|| Scope::ALL.to_vec());
    if scopes.is_empty() {
        return Err(ApiError::invalid("scopes", "must name at least one scope, or be left out for all of them"));
    }
    let key = ApiKey {
        id: KeyId::generate(),
        account_id: account.id.clone(),
        name: request_body::name(required(fields.name, "name", "what you call the key")?)?,
        scopes: Scope::ALL.into_iter().filter(|scope| scopes.contains(scope)).collect(),
        expires_at: fields.expires_at.as_deref().map(expires_at).transpose()?,
        instance_id: None,
        created_at: clock::now(),
    };
    let (secret, hash) = api_key::generate();
    manager.books.accounts.put_key(&hash, &key).await.map_err(ApiError::internal)?;
    tracing::info!(account_id = %account.id, key_id = %key.id, "key.created");
    Answer::created(&Shown { key: Some(secret.expose_secret().to_owned()), ..Shown::of(key) })
}

fn expires_at(text: &str) -> Result<Timestamp, ApiError> {
    let wrong = |message: &str| ApiError::invalid("expiresAt", message);
    let at: Timestamp = text.parse().map_err(|_| wrong("must be a time such as 2026-02-03T12:00:00.000Z"))?;
    if at <= clock::now() { Err(wrong("must lie in the future")) } else { Ok(at) }
}

/// `GET /v1/admin/accounts/{id}/keys`.
pub async fn list(manager: &Manager, account: &Account, request: &Request) -> Result<Answer, ApiError> {
    let mut keys: Vec<KeyListing> =
        manager.books.accounts.all(account.id.as_str(), KeyId::PREFIX).await.map_err(unavailable)?;
    keys.sort_by(|a, b| (a.key.created_at, &a.key.id).cmp(&(b.key.created_at, &b.key.id)));
    let (keys, pagination) = query::page(request, keys)?;
    let rows: Vec<Shown> = keys.into_iter().map(|listing| Shown::of(listing.key)).collect();
    Answer::page(&rows, pagination)
}

/// `DELETE /v1/admin/accounts/{id}/keys/{keyId}`. It may work for a minute more (contract).
pub async fn revoke(manager: &Manager, account: &Account, id: &str) -> Result<Answer, ApiError> {
    let not_found = || ApiError::new(ErrorCode::KeyNotFound, "there is no such key in this account");
    let id: KeyId = id.parse().map_err(|_| not_found())?;
    let accounts = &manager.books.accounts;
    let listed = ItemKey::listed_key(&account.id, &id);
    let found: Option<KeyListing> = accounts.get(listed.clone()).await.map_err(unavailable)?;
    let hash = KeyHash::stored(found.ok_or_else(not_found)?.hash);
    let writes = vec![accounts.delete_in_transaction(ItemKey::key(&hash)), accounts.delete_in_transaction(listed)];
    match accounts.transact(writes).await.map_err(ApiError::internal)? {
        Transacted::Done => {}
        Transacted::Refused(..) => return Err(ApiError::internal("a removal without conditions was refused")),
    }
    tracing::info!(account_id = %account.id, key_id = %id, "key.revoked");
    Ok(Answer::nothing())
}

impl Shown {
    fn of(key: ApiKey) -> Self {
        Self {
            id: key.id,
            key: None,
            name: key.name,
            scopes: key.scopes,
            expires_at: key.expires_at.map(|at| at.to_string()),
            created_at: key.created_at.to_string(),
        }
    }
}
