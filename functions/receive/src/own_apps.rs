//! Numbers whose tokens belong to another Meta app than the deployment's: their callbacks are signed with that app's
//! secret, which came with the connect.

use std::time::Duration;

use shared::account_key::ItemKey;
use shared::account_table::AccountTable;
use shared::cache::Cache;
use shared::conditional_write::TableError;
use shared::instance::NumberOwner;
use shared::sealed::Sealer;

use crate::signature::AppSecret;

/// How old what is known of a number may be, also that it has no secret: forged callbacks must not cost a read each.
const AGE: Duration = Duration::from_secs(30);

/// Finds the secrets of numbers' own apps.
pub struct OwnApps {
    accounts: AccountTable,
    sealer: Sealer,
    known: Cache<String, Option<AppSecret>>,
}

impl OwnApps {
    /// A finder over this table.
    pub fn new(accounts: AccountTable, sealer: Sealer) -> Self {
        Self { accounts, sealer, known: Cache::new() }
    }

    /// Whether the app of this number has signed these bytes. It speaks for this number only.
    pub async fn verifies(&self, number_id: &str, signature: &str, body: &[u8]) -> Result<bool, TableError> {
        let secret = match self.known.get(&number_id.to_owned()) {
            Some(known) => known,
            None => self.look_up(number_id).await?,
        };
        Ok(secret.is_some_and(|secret| secret.verifies(signature, body)))
    }

    async fn look_up(&self, number_id: &str) -> Result<Option<AppSecret>, TableError> {
        let owner: Option<NumberOwner> = self.accounts.get(ItemKey::number(number_id)).await?;
        let sealed = owner.and_then(|owner| owner.app_secret);
        let place = NumberOwner::app_secret_place(number_id);
        let secret =
            sealed.and_then(|sealed| self.sealer.open(&sealed, &place).ok()).map(|secret| AppSecret::new(&secret));
        self.known.put(number_id.to_owned(), secret.clone(), AGE);
        Ok(secret)
    }
}
