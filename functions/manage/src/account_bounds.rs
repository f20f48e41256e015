//! How much an account may have of something (409 `limit_reached`).
//!
//! A creation counts before it writes and again afterwards, and withdraws what it wrote if that is one too many. The last of
//! those that remain has counted all of them, so never too many remain; creations at the same moment may all withdraw.

use shared::aws::{AccountsTable, EnvironmentError, INBOUND_URL, TableError, environment};
use shared::http::{ApiError, ErrorCode};
use shared::ids::{AccountId, InstanceId, KeyId};

use crate::api_response::unavailable;

/// The bounds of each account.
pub struct AccountBounds {
    /// Instances.
    pub instances: Bound,
    /// API keys.
    pub api_keys: Bound,
    /// Inbound URLs.
    pub inbound_urls: Bound,
}

/// The most that an account may have of one kind.
pub struct Bound {
    accounts: AccountsTable,
    kind: &'static str,
    /// The prefix of their sort keys.
    prefix: &'static str,
    /// How many.
    pub most: usize,
}

impl AccountBounds {
    /// The template's parameters.
    pub fn from_environment(accounts: &AccountsTable) -> Result<Self, EnvironmentError> {
        let bound = |kind, prefix, variable| {
            let most = environment::parsed(variable)?;
            Ok::<_, EnvironmentError>(Bound { accounts: accounts.clone(), kind, prefix, most })
        };
        Ok(Self {
            instances: bound("instances", InstanceId::PREFIX, "MAX_INSTANCES")?,
            api_keys: bound("API keys", KeyId::PREFIX, "MAX_API_KEYS")?,
            inbound_urls: bound("inbound URLs", INBOUND_URL, "MAX_INBOUND_URLS")?,
        })
    }
}

impl Bound {
    /// Creates one, if the account has room for it.
    pub async fn create<T>(
        &self,
        account: &AccountId,
        create: impl Future<Output = Result<T, ApiError>>,
        withdraw: impl Future<Output = Result<(), TableError>>,
    ) -> Result<T, ApiError> {
        create_within(|more| self.check(account, more), create, withdraw).await
    }

    async fn check(&self, account: &AccountId, more: usize) -> Result<(), ApiError> {
        let count = self.accounts.count(account.as_str(), self.prefix).await.map_err(unavailable)?;
        if count + more <= self.most {
            return Ok(());
        }
        let message = format!("This account already has {} {}: delete one first.", self.most, self.kind);
        Err(ApiError::new(ErrorCode::LimitReached, message))
    }
}

/// Creates something if `check` finds room for one more, and withdraws it if it then finds too many, since others were
/// created meanwhile.
pub async fn create_within<T, C: Future<Output = Result<(), ApiError>>>(
    check: impl Fn(usize) -> C,
    create: impl Future<Output = Result<T, ApiError>>,
    withdraw: impl Future<Output = Result<(), TableError>>,
) -> Result<T, ApiError> {
    check(1).await?;
    let created = create.await?;
    let Err(error) = check(0).await else {
        return Ok(created);
    };
    withdraw.await.map_err(ApiError::internal)?;
    Err(error)
}
