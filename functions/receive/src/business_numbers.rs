//! The numbers of business accounts, each account read at most every 30 seconds for callbacks that are not verified yet. What is
//! stored goes to owners that are read from the table.

use std::time::Duration;

use shared::aws::{AccountsTable, TableError};
use shared::cache::Cache;

/// How long the numbers of an account are cached.
const MAX_AGE: Duration = Duration::from_secs(30);
/// How long it is cached that an account has none: forged callbacks must not cost a read each.
const ABSENT_AGE: Duration = Duration::from_secs(5);

/// A cache of the numbers of business accounts.
pub struct BusinessNumbers {
    accounts: AccountsTable,
    cached: Cache<String, Vec<String>>,
}

impl BusinessNumbers {
    /// A cache of the numbers in this table.
    pub fn new(accounts: AccountsTable) -> Self {
        Self { accounts, cached: Cache::default() }
    }

    /// The numbers of a business account, by WhatsApp's ids.
    pub async fn get(&self, business_id: &str) -> Result<Vec<String>, TableError> {
        let business = business_id.to_owned();
        if let Some(numbers) = self.cached.get(&business) {
            return Ok(numbers);
        }
        let numbers = self.accounts.business_numbers(business_id).await?;
        self.cached.put(business, numbers.clone(), if numbers.is_empty() { ABSENT_AGE } else { MAX_AGE });
        Ok(numbers)
    }
}
