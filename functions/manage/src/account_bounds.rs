//! How much an account may have of something (409 `limit_reached`). A creation counts, and creates only if nothing else was created
//! since then: no bound is ever exceeded, and none refuses while there is room.

use aws_sdk_dynamodb::types::TransactWriteItem;
use shared::aws::{
    AccountsTable, ConditionalWrite, EnvironmentError, INBOUND_URL, RefusedWrite, TableError, environment,
};
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

/// Why something was not created.
pub enum CreationError {
    /// There is no room for it.
    Refused(ApiError),
    /// The table did not answer.
    Table(TableError),
}

impl From<TableError> for CreationError {
    fn from(error: TableError) -> Self {
        Self::Table(error)
    }
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
    /// Refuses if the account has no room for one more.
    pub async fn check(&self, account: &AccountId) -> Result<(), ApiError> {
        let count = self.accounts.count(account.as_str(), self.prefix).await.map_err(unavailable)?;
        if count < self.most { Ok(()) } else { Err(reached("account", self.most, self.kind)) }
    }
}

/// The error of an account or an instance that has as many as it may have.
pub fn reached(owner: &str, most: usize, kind: &str) -> ApiError {
    let message = format!("This {owner} already has {most} {kind}: delete one first.");
    ApiError::new(ErrorCode::LimitReached, message)
}

/// Applies `writes`, which create something, if `check` finds room for it. They may be refused by their own conditions.
pub async fn create_within<C: Future<Output = Result<(), ApiError>>>(
    accounts: &AccountsTable,
    account: &AccountId,
    check: impl Fn() -> C,
    writes: &[TransactWriteItem],
) -> Result<ConditionalWrite<(), RefusedWrite>, ApiError> {
    let check = || async { check().await.map_err(CreationError::Refused) };
    accounts.create_within(account, check, writes).await.map_err(|error| match error {
        CreationError::Refused(error) => error,
        CreationError::Table(error @ TableError::Conflict) => unavailable(error), // nothing was created
        CreationError::Table(error) => ApiError::internal(error),
    })
}
