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
    most: usize,
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
    /// Refuses a creation for which the account has no room.
    pub async fn check(&self, account: &AccountId) -> Result<(), ApiError> {
        self.check_count(account, 1).await
    }

    /// Withdraws what was created, and refuses, if others were created meanwhile and there are too many now.
    pub async fn check_created(
        &self,
        account: &AccountId,
        withdraw: impl Future<Output = Result<(), TableError>>,
    ) -> Result<(), ApiError> {
        let Err(error) = self.check_count(account, 0).await else {
            return Ok(());
        };
        withdraw.await.map_err(ApiError::internal)?;
        Err(error)
    }

    async fn check_count(&self, account: &AccountId, more: usize) -> Result<(), ApiError> {
        let count = self.accounts.count(account.as_str(), self.prefix).await.map_err(unavailable)?;
        if count + more <= self.most {
            return Ok(());
        }
        let message = format!("This account already has {} {}: delete one first.", self.most, self.kind);
        Err(ApiError::new(ErrorCode::LimitReached, message))
    }
}
