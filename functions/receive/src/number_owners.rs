//! A cache of the owners of numbers, each read at most every 30 seconds. It refuses forged callbacks without a read each. What
//! is stored goes to an owner that is read from the table, since a number may have moved.

use std::time::Duration;

use shared::aws::{AccountsTable, TableError};
use shared::cache::Cache;
use shared::instance::NumberOwner;

/// How long an owner is cached.
const MAX_AGE: Duration = Duration::from_secs(30);
/// How long the absence of an owner is cached, and that its secret did not sign: forged callbacks must not cost a read each.
const ABSENT_AGE: Duration = Duration::from_secs(5);

/// A cache of the owners of numbers.
pub struct NumberOwners {
    accounts: AccountsTable,
    cached: Cache<String, Option<NumberOwner>>,
    /// The numbers that were read again.
    read_again: Cache<String, ()>,
}

impl NumberOwners {
    /// A cache of the owners in this table.
    pub fn new(accounts: AccountsTable) -> Self {
        Self { accounts, cached: Cache::default(), read_again: Cache::default() }
    }

    /// The owner of a number, by WhatsApp's id of it.
    pub async fn get(&self, number_id: &str) -> Result<Option<NumberOwner>, TableError> {
        let number = number_id.to_owned();
        if let Some(cached) = self.cached.get(&number) {
            return Ok(cached);
        }
        self.read(number).await
    }

    /// The same as it is now, read at most every five seconds: its app may have another secret since.
    pub async fn get_again(&self, number_id: &str) -> Result<Option<NumberOwner>, TableError> {
        let number = number_id.to_owned();
        if self.read_again.get(&number).is_some() {
            return self.get(number_id).await;
        }
        self.read_again.put(number.clone(), (), ABSENT_AGE);
        self.read(number).await
    }

    async fn read(&self, number: String) -> Result<Option<NumberOwner>, TableError> {
        let owner = self.accounts.number_owner(&number).await?;
        self.cached.put(number, owner.clone(), if owner.is_some() { MAX_AGE } else { ABSENT_AGE });
        Ok(owner)
    }
}
