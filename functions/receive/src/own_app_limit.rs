//! Bounds what a customer's own app reports about each of its numbers, to a few times of what WhatsApp could: whoever knows such a secret
//! can sign any number of callbacks, and each occupies a process (docs/adr/0066). Above it the answer is 429, so that WhatsApp
//! repeats the callback.

use std::collections::BTreeMap;

use shared::account::Quota;
use shared::aws::{AccountsTable, ItemKey, TableError};
use shared::instance::{InstanceCache, NumberOwner};
use shared::ledger::rate_limit::RateLimit;
use shared::observability::{LogLimit, Metric, metrics};
use shared::whatsapp::CallbackWeight;
use shared::whatsapp::management::STANDARD_RATE;

/// Updates for each message that a number may send or receive: it is sent, delivered and read, and one more.
const UPDATES_PER_MESSAGE: u32 = 4;
/// Seconds of that which may come at once, such as after an outage.
const SECONDS_AT_ONCE: i64 = 10;

/// Lines about refusals, and about their metric, a minute and process.
static REFUSALS: LogLimit = LogLimit::new(1);

/// Holds customers' own apps to their limits.
pub struct OwnAppLimit {
    instances: InstanceCache,
    quota: Quota,
}

impl OwnAppLimit {
    /// Limits over this table.
    pub fn new(accounts: AccountsTable) -> Self {
        Self { instances: InstanceCache::new(accounts.clone()), quota: Quota::new(accounts) }
    }

    /// Whether a callback of this weight, which the app of these owners of numbers signed, may be read and stored now. What names no
    /// number has a limit of its own, in the account of the first of them, so that it uses up no number's. The limits are asked one after
    /// the other: those before one that is exceeded have counted it.
    pub async fn admits(
        &self,
        weight: &CallbackWeight,
        owners: &BTreeMap<String, NumberOwner>,
    ) -> Result<bool, TableError> {
        for (number, units) in weight.units() {
            let owner = number.map_or_else(|| owners.values().next(), |number| owners.get(number));
            let Some(owner) = owner else { continue };
            let key = ItemKey::own_app_quota(&owner.account_id, number);
            if !self.quota.take(&key, units, self.limit(number, owner)).await? {
                if let Some(unlogged) = REFUSALS.admit() {
                    metrics::count_many(Metric::CallbacksRefused, unlogged + 1);
                    tracing::warn!(account_id = %owner.account_id, units, unlogged, "callback.over_own_app_limit");
                }
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The limit of a number, in units: by the rate that it has at WhatsApp. What names none has that of an ordinary number.
    async fn limit(&self, number: Option<&str>, owner: &NumberOwner) -> Result<RateLimit, TableError> {
        let Some(number) = number else { return Ok(per_second(STANDARD_RATE * UPDATES_PER_MESSAGE)) };
        let instance = self.instances.get(&owner.account_id, &owner.instance_id).await?;
        let connected = instance.and_then(|instance| instance.number).filter(|connected| connected.id == *number);
        let rate = connected.map_or(STANDARD_RATE, |connected| connected.rate);
        Ok(per_second(rate * UPDATES_PER_MESSAGE))
    }
}

fn per_second(updates: u32) -> RateLimit {
    let updates = i64::from(updates.max(1));
    RateLimit { interval: 1_000_000 / updates, burst: updates * SECONDS_AT_ONCE, slack: 0, carry_over: 0 }
}
