//! Notes which numbers' callbacks arrive: `settle` gives up no message of a number whose callbacks have stopped.

use shared::aws::AccountsTable;
use shared::cache::Cache;
use shared::clock;
use shared::instance::NumberOwner;

/// Notes when numbers' callbacks were stored.
pub struct CallbackLiveness {
    accounts: AccountsTable,
    noted: Cache<String, ()>,
}

impl CallbackLiveness {
    /// Notes in this table.
    pub fn new(accounts: AccountsTable) -> Self {
        Self { accounts, noted: Cache::default() }
    }

    /// Notes that a callback of a number was stored. When that fails, `settle` waits longer.
    pub async fn note(&self, number_id: &str) {
        let number = number_id.to_owned();
        if self.noted.get(&number).is_some() {
            return;
        }
        match self.accounts.note_callback(number_id, clock::now()).await {
            Ok(()) => self.noted.put(number, (), NumberOwner::CALLBACK_PRECISION),
            Err(error) => tracing::warn!(%error, "callback.liveness_failed"),
        }
    }
}
