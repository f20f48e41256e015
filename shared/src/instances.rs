//! Instances by id, read at most every 30 seconds.

use std::time::Duration;

use crate::account_table::AccountTable;
use crate::cache::Cache;
use crate::conditional_write::TableError;
use crate::ids::{AccountId, InstanceId};
use crate::instance::{Connection, Instance};

/// How old an instance may be: for this long after a disconnect, messages are still accepted or tried.
const AGE: Duration = Duration::from_secs(30);

/// Finds instances.
pub struct Instances {
    accounts: AccountTable,
    known: Cache<(AccountId, InstanceId), Instance>,
}

impl Instances {
    /// A finder that asks this table.
    pub fn new(accounts: AccountTable) -> Self {
        Self { accounts, known: Cache::new() }
    }

    /// Has an instance asked for anew.
    pub fn forget(&self, instance: &Instance) {
        self.known.remove(&(instance.account_id.clone(), instance.id.clone()));
    }

    /// An instance of this account. One that is not there is asked for each time, so that a new one works at once.
    pub async fn find(&self, account: &AccountId, id: &InstanceId) -> Result<Option<Instance>, TableError> {
        let key = (account.clone(), id.clone());
        if let Some(instance) = self.known.get(&key) {
            return Ok(Some(instance));
        }
        let found = self.accounts.instance(account, id).await?;
        // One that is not connected is asked for each time as well: a connect brings it back at once.
        if let Some(instance) = found.as_ref().filter(|found| found.status == Connection::Connected) {
            self.known.put(key, instance.clone(), AGE);
        }
        Ok(found)
    }
}
