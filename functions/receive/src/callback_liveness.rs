//! Notes which numbers' callbacks arrive, and which are refused: `settle` gives up no message of a number whose callbacks have
//! stopped or were refused.

use shared::aws::{AccountsTable, TableError};
use shared::cache::Cache;
use shared::clock;
use shared::instance::NumberOwner;

/// Notes when numbers' callbacks were stored, and when they were refused.
pub struct CallbackLiveness {
    accounts: AccountsTable,
    noted: Cache<String, ()>,
    refusals: Cache<String, ()>,
}

impl CallbackLiveness {
    /// Notes in this table.
    pub fn new(accounts: AccountsTable) -> Self {
        Self { accounts, noted: Cache::default(), refusals: Cache::default() }
    }

    /// Notes that a callback of a number was stored. When that fails, `settle` waits longer.
    pub async fn note(&self, number_id: &str) {
        let number = number_id.to_owned();
        if self.noted.get(&number).is_some() {
            return;
        }
        let listed = match self.accounts.note_callback(number_id, clock::now()).await {
            Ok(owner) => {
                self.noted.put(number, (), NumberOwner::CALLBACK_PRECISION);
                self.list_earlier(number_id, owner).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = listed {
            tracing::warn!(%error, "callback.liveness_failed");
        }
    }

    /// Notes that a callback about a number was refused: what it says of an outcome may come only as WhatsApp repeats it, after others were
    /// stored. At most once in ten seconds, since a flood must not cost a write each.
    pub async fn note_refusal(&self, number_id: &str) {
        let number = number_id.to_owned();
        if self.refusals.get(&number).is_some() {
            return;
        }
        match self.accounts.note_refusal(number_id, clock::now()).await {
            Ok(()) => self.refusals.put(number, (), NumberOwner::CALLBACK_PRECISION),
            Err(error) => tracing::warn!(%error, "callback.liveness_failed"),
        }
    }

    /// Lists a number that an earlier version connected under the business account that its connect has proven, once.
    async fn list_earlier(&self, number_id: &str, owner: Option<NumberOwner>) -> Result<(), TableError> {
        let Some(owner) = owner.filter(|owner| owner.business_id.is_none()) else { return Ok(()) };
        let instance = self.accounts.instance(&owner.account_id, &owner.instance_id).await?;
        match instance.and_then(|instance| instance.number).filter(|number| number.id == number_id) {
            Some(number) => self.accounts.list_business_number(number_id, &owner, &number.business_id).await,
            None => Ok(()),
        }
    }
}
