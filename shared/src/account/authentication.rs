//! Authentication: who is calling, and what they may do.

use std::time::Duration;

use futures::future::join;
use lambda_http::http::{HeaderMap, header};

use crate::account::api_key::{ApiKey, KeyHash, Scope};
use crate::account::record::Account;
use crate::aws::{AccountsTable, ItemKey, TableError};
use crate::cache::Cache;
use crate::clock;
use crate::http::{ApiError, ErrorCode};
use crate::ids::{AccountId, InstanceId, KeyId};
use crate::ledger::{LimitedKey, RateLimit};

/// How long a key is cached. The contract allows a revoked key to work this long.
const KEY_AGE: Duration = Duration::from_secs(60);

/// How long an unknown key is cached.
const UNKNOWN_KEY_AGE: Duration = Duration::from_secs(5);

/// How precisely the last use of a key is known: each use costs no write.
const USE_PRECISION: Duration = Duration::from_secs(60 * 60);

/// The key whose limit inbound URLs of earlier versions share. No key has it: ids have 128 random bits.
const EARLIER_INBOUND_URLS: [u8; 16] = [0; 16];

/// The id in place of a key's where the operator reads. No key has it.
const OPERATOR: [u8; 16] = [0xff; 16];

/// Authenticates callers.
pub struct Authenticator {
    accounts: AccountsTable,
    known: Cache<ItemKey, Option<Caller>>,
    /// Keys whose use this process knows to be noted.
    noted: Cache<KeyId, ()>,
}

/// A caller with a valid key.
#[derive(Clone, Debug)]
pub struct Caller {
    key: ApiKey,
    limited: LimitedKey,
}

impl Authenticator {
    /// An authenticator over this table.
    pub fn new(accounts: AccountsTable) -> Self {
        Self { accounts, known: Cache::default(), noted: Cache::default() }
    }

    /// Authenticates a caller by the `Authorization` header.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Result<Caller, ApiError> {
        self.caller(ItemKey::api_key(KeyHash::new(bearer(headers)?).as_str()), ErrorCode::InvalidApiKey.meaning()).await
    }

    /// Authenticates a caller by the token of an inbound URL, which may send from one instance.
    pub async fn authenticate_inbound(&self, token: &str) -> Result<Caller, ApiError> {
        self.caller(ItemKey::inbound_url(KeyHash::new(token).as_str()), "This inbound URL does not exist.").await
    }

    async fn caller(&self, key: ItemKey, unknown: &str) -> Result<Caller, ApiError> {
        let caller = match self.known.get(&key) {
            Some(known) => known,
            None => self.look_up(key).await.map_err(|error| ApiError::unavailable(error, 1))?,
        };
        let caller = caller.ok_or_else(|| ApiError::new(ErrorCode::InvalidApiKey, unknown))?;
        if caller.key.expires_at.is_some_and(|at| at <= clock::now()) {
            return Err(ErrorCode::ExpiredApiKey.into());
        }
        Ok(caller)
    }

    async fn look_up(&self, item: ItemKey) -> Result<Option<Caller>, TableError> {
        let caller = match self.accounts.get::<ApiKey>(item.clone()).await? {
            Some(key) => self.with_account(key).await?,
            None => None,
        };
        self.known.put(item, caller.clone(), if caller.is_some() { KEY_AGE } else { UNKNOWN_KEY_AGE });
        Ok(caller)
    }

    /// The caller with this key, unless its account is closing. An inbound URL ends with the API key that created it.
    async fn with_account(&self, mut key: ApiKey) -> Result<Option<Caller>, TableError> {
        let (account, ()) = join(self.accounts.account(&key.account_id), self.note_use(&key)).await;
        let Some(account) = account?.filter(Account::is_open) else {
            return Ok(None);
        };
        if let Some(creator) = &key.created_by {
            let Some(creator) = self.accounts.key_listing(&key.account_id, creator).await? else {
                return Ok(None);
            };
            key.expires_at = creator.key.expires_at;
        }
        Ok(Some(Caller::new(key, account.rate_limit())))
    }

    /// Notes the use of an API key, or of the one that an inbound URL acts for, without a read. At most one write an hour and key is
    /// applied over all processes; each process that does not know of it tries one an hour, which is refused and costs as much. What
    /// cannot be written is only logged: a request does not fail because of it, and the next look-up of the key tries again.
    async fn note_use(&self, key: &ApiKey) {
        let id = match (&key.created_by, &key.instance_id) {
            (Some(creator), _) => creator,
            (None, None) => &key.id,
            (None, Some(_)) => return, // of an earlier version, for which no key is known
        };
        let has_expired = key.expires_at.is_some_and(|at| at <= clock::now());
        if has_expired || self.noted.get(id).is_some() {
            return;
        }
        match self.accounts.note_key_use(&key.account_id, id, USE_PRECISION).await {
            Ok(()) => self.noted.put(id.clone(), (), USE_PRECISION),
            Err(error) => tracing::warn!(key_id = %id, %error, "api_key.note_failed"),
        }
    }
}

impl Caller {
    /// The caller with this key and this limit. The requests of inbound URLs count against the limit of the API key that
    /// created them; those of URLs of earlier versions, of which it is not known, together against one more.
    pub fn new(key: ApiKey, limit: RateLimit) -> Self {
        let key_id = match (&key.created_by, &key.instance_id) {
            (Some(creator), _) => creator.clone(),
            (None, Some(_)) => KeyId::from_bytes(EARLIER_INBOUND_URLS),
            (None, None) => key.id.clone(),
        };
        let limited = LimitedKey { account_id: key.account_id.clone(), key_id, limit };
        Self { key, limited }
    }

    /// The operator, who reads what a customer of an account can, and changes nothing. No key's limit counts its requests.
    pub fn operator(account: &Account) -> Self {
        let key = ApiKey {
            id: KeyId::from_bytes(OPERATOR),
            account_id: account.id.clone(),
            name: String::new(),
            scopes: Scope::READING.to_vec(),
            expires_at: None,
            instance_id: None,
            created_by: None,
            created_at: account.created_at,
        };
        Self::new(key, account.rate_limit())
    }

    /// The caller's account.
    pub const fn account(&self) -> &AccountId {
        &self.key.account_id
    }

    /// The only instance that an inbound URL may send from.
    pub const fn instance(&self) -> Option<&InstanceId> {
        self.key.instance_id.as_ref()
    }

    /// The id of an inbound URL's token, which is an inbound URL's own. Absent for API keys.
    pub fn inbound_url(&self) -> Option<&KeyId> {
        self.key.instance_id.as_ref().map(|_| &self.key.id)
    }

    /// The caller's key with its limit.
    pub const fn limited_key(&self) -> &LimitedKey {
        &self.limited
    }

    /// What the key may do.
    pub fn scopes(&self) -> &[Scope] {
        &self.key.scopes
    }

    /// Refuses a key without this scope.
    pub fn require(&self, scope: Scope) -> Result<(), ApiError> {
        if self.key.scopes.contains(&scope) {
            return Ok(());
        }
        let message = format!("This API key lacks the scope `{}`.", scope.name());
        Err(ApiError::new(ErrorCode::InsufficientPermissions, message))
    }
}

/// The bearer token of the `Authorization` header.
pub fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let missing = || ApiError::from(ErrorCode::MissingApiKey);
    let value = headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, key) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(missing)?;
    let key = key.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || key.is_empty() {
        return Err(missing());
    }
    Ok(key)
}
