//! A cache of instances, read at most every five seconds.

use std::time::Duration;

use crate::aws::{AccountsTable, TableError};
use crate::cache::Cache;
use crate::ids::{AccountId, InstanceId};
use crate::instance::record::{ConnectionStatus, Instance};

/// The age of an instance: for this long after a disconnect, messages are still accepted or attempted, also from a number that another
/// account has connected since.
const MAX_AGE: Duration = Duration::from_secs(5);
/// The age of an instance whose calls get no answer, or that a condition of its account has stopped: it may be probed, or go
/// on, at any time.
const MAX_AGE_STOPPED: Duration = Duration::from_secs(2);

/// A cache of instances.
pub struct InstanceCache {
    accounts: AccountsTable,
    cached: Cache<(AccountId, InstanceId), Instance>,
}

impl InstanceCache {
    /// A cache of the instances in this table.
    pub fn new(accounts: AccountsTable) -> Self {
        Self { accounts, cached: Cache::default() }
    }

    /// Removes an instance from the cache, so that the next call reads it again.
    pub fn invalidate(&self, instance: &Instance) {
        self.cached.remove(&(instance.account_id.clone(), instance.id.clone()));
    }

    /// An instance of this account. An absent one is read each time, so that a new one works at once.
    pub async fn get(&self, account: &AccountId, id: &InstanceId) -> Result<Option<Instance>, TableError> {
        let key = (account.clone(), id.clone());
        if let Some(instance) = self.cached.get(&key) {
            return Ok(Some(instance));
        }
        let found = self.accounts.instance(account, id).await?;
        // One that is not connected is read each time as well: a connect takes effect at once.
        if let Some(instance) = found.as_ref().filter(|found| found.status == ConnectionStatus::Connected) {
            let is_stopped = instance.unanswered.is_some() || instance.condition().is_some();
            let max_age = if is_stopped { MAX_AGE_STOPPED } else { MAX_AGE };
            self.cached.put(key, instance.clone(), max_age);
        }
        Ok(found)
    }
}
