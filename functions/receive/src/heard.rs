//! Numbers whose callbacks come: `settle` fails no unknown outcome of a number that has fallen silent.

use shared::account_table::AccountTable;
use shared::cache::Cache;
use shared::clock;
use shared::instance::NumberOwner;

/// Notes when numbers were heard.
pub struct Heard {
    accounts: AccountTable,
    noted: Cache<String, ()>,
}

impl Heard {
    /// A notebook in this table.
    pub fn new(accounts: AccountTable) -> Self {
        Self { accounts, noted: Cache::new() }
    }

    /// Notes that a callback of a number was stored. One that can't be noted makes `settle` wait longer, and no more.
    pub async fn note(&self, number_id: &str) {
        let name = number_id.to_owned();
        if self.noted.get(&name).is_some() {
            return;
        }
        match self.accounts.note_heard(number_id, clock::now()).await {
            Ok(()) => self.noted.put(name, (), NumberOwner::HEARD_WITHIN),
            Err(error) => tracing::warn!(%error, "callback.not_noted"),
        }
    }
}
