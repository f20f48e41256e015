//! Who is calling, and what they may do.

use std::time::Duration;

use lambda_http::http::{HeaderMap, header};

use crate::account::{ApiKey, Scope};
use crate::account_key::ItemKey;
use crate::account_table::AccountTable;
use crate::api_error::{ApiError, ErrorCode};
use crate::api_key::KeyHash;
use crate::cache::Cache;
use crate::clock;
use crate::conditional_write::TableError;
use crate::ids::{AccountId, InstanceId, KeyId};
use crate::rate_limit::RateLimit;

/// How long a key is believed without asking again. The contract says that a revoked key may work this long.
const KEY_AGE: Duration = Duration::from_secs(60);

/// How long a key that does not exist is refused without asking again.
const UNKNOWN_KEY_AGE: Duration = Duration::from_secs(5);

/// Finds out who is calling.
pub struct Authenticator {
    accounts: AccountTable,
    known: Cache<ItemKey, Option<Caller>>,
}

/// A caller whose key is valid.
#[derive(Clone, Debug)]
pub struct Caller {
    key: ApiKey,
    limit: RateLimit,
}

impl Authenticator {
    /// An authenticator that asks this table.
    pub fn new(accounts: AccountTable) -> Self {
        Self { accounts, known: Cache::new() }
    }

    /// The caller that the `Authorization` header proves.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Result<Caller, ApiError> {
        self.caller(ItemKey::key(&KeyHash::of(bearer(headers)?)), "there is no such API key").await
    }

    /// The caller that the token of an inbound URL proves: an account that may send from one instance.
    pub async fn authenticate_inbound(&self, token: &str) -> Result<Caller, ApiError> {
        self.caller(ItemKey::inbound(&KeyHash::of(token)), "there is no such inbound URL").await
    }

    async fn caller(&self, key: ItemKey, unknown: &str) -> Result<Caller, ApiError> {
        let caller = match self.known.get(&key) {
            Some(known) => known,
            None => self.look_up(key).await.map_err(|error| ApiError::unavailable(error, 1))?,
        };
        let caller = caller.ok_or_else(|| ApiError::new(ErrorCode::InvalidApiKey, unknown))?;
        if caller.key.expires_at.is_some_and(|at| at <= clock::now()) {
            return Err(ApiError::new(ErrorCode::ExpiredApiKey, "this API key has expired; ask for a new one"));
        }
        Ok(caller)
    }

    async fn look_up(&self, place: ItemKey) -> Result<Option<Caller>, TableError> {
        let caller = match self.accounts.get::<ApiKey>(place.clone()).await? {
            Some(key) => self.accounts.account(&key.account_id).await?.map(|account| {
                let limit = account.rate_limit();
                Caller { key, limit }
            }),
            None => None,
        };
        self.known.put(place, caller.clone(), if caller.is_some() { KEY_AGE } else { UNKNOWN_KEY_AGE });
        Ok(caller)
    }
}

impl Caller {
    /// Whoever has this key, held to this limit.
    pub const fn new(key: ApiKey, limit: RateLimit) -> Self {
        Self { key, limit }
    }

    /// The account that the caller's key opens.
    pub const fn account(&self) -> &AccountId {
        &self.key.account_id
    }

    /// The key that proved the caller.
    pub const fn key(&self) -> &KeyId {
        &self.key.id
    }

    /// The one instance that it may send from, where it is an inbound URL.
    pub const fn instance(&self) -> Option<&InstanceId> {
        self.key.instance_id.as_ref()
    }

    /// What the key's requests are limited to, in each class of endpoints.
    pub const fn limit(&self) -> RateLimit {
        self.limit
    }

    /// Refuses a key without this scope.
    pub fn require(&self, scope: Scope) -> Result<(), ApiError> {
        if self.key.scopes.contains(&scope) {
            return Ok(());
        }
        let message = format!("this API key lacks the scope {}", scope.word());
        Err(ApiError::new(ErrorCode::InsufficientPermissions, message))
    }
}

/// The bearer of the `Authorization` header.
pub fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let missing = || ApiError::new(ErrorCode::MissingApiKey, "send `Authorization: Bearer <api key>`");
    let value = headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, key) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(missing)?;
    let key = key.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || key.is_empty() {
        return Err(missing());
    }
    Ok(key)
}
