//! Which instance a number belongs to, read at most every 30 seconds.

use std::time::Duration;

use shared::account_table::AccountTable;
use shared::cache::Cache;
use shared::conditional_write::TableError;
use shared::instance::NumberOwner;

/// How old an owner may be.
const AGE: Duration = Duration::from_secs(30);
/// How long nobody owns a number without asking again: forged callbacks must not cost a read each.
const UNOWNED_AGE: Duration = Duration::from_secs(5);

/// Finds the owners of numbers.
pub struct Owners {
    accounts: AccountTable,
    known: Cache<String, Option<NumberOwner>>,
}

impl Owners {
    /// A finder that asks this table.
    pub fn new(accounts: AccountTable) -> Self {
        Self { accounts, known: Cache::new() }
    }

    /// The owner of a number, by WhatsApp's id of it.
    pub async fn find(&self, number_id: &str) -> Result<Option<NumberOwner>, TableError> {
        let name = number_id.to_owned();
        if let Some(known) = self.known.get(&name) {
            return Ok(known);
        }
        let owner = self.accounts.number_owner(number_id).await?;
        self.known.put(name, owner.clone(), if owner.is_some() { AGE } else { UNOWNED_AGE });
        Ok(owner)
    }
}
