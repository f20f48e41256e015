//! What an account may use in a day, derived from its plan, of which a quarter may be used at once: kilobytes that it receives, and
//! events that it replays.
//!
//! It is a [`Quota`], so that an ordinary message costs a write for every 32 (docs/adr/0031).

use std::time::Duration;

use crate::account::plan::Plan;
use crate::account::quota::Quota;
use crate::aws::{AccountsTable, ItemKey, TableError};
use crate::cache::Cache;
use crate::ids::AccountId;
use crate::ledger::rate_limit::RateLimit;

/// The least that may be used at once: more kilobytes than nearly every message has. What is larger counts as a whole burst.
const MIN_BURST: i64 = 512;
/// How long an account's plan is cached.
const PLAN_AGE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Events a day that are replayed, for each request a minute of the plan's limit: as many as messages that it may send.
const REPLAYED_PER_REQUEST: u32 = 24 * 60;

/// Holds accounts to their quotas.
pub struct DailyQuota {
    accounts: AccountsTable,
    /// What it is of, in the key of its item.
    what: &'static str,
    /// Units a day for each request a minute of the plan's limit.
    per_request: u32,
    plans: Cache<AccountId, RateLimit>,
    quota: Quota,
}

impl DailyQuota {
    /// Kilobytes that accounts receive.
    pub fn inbound(accounts: AccountsTable, per_request: u32) -> Self {
        Self::new(accounts, "inbound", per_request)
    }

    /// Events that accounts replay.
    pub fn replays(accounts: AccountsTable) -> Self {
        Self::new(accounts, "replays", REPLAYED_PER_REQUEST)
    }

    fn new(accounts: AccountsTable, what: &'static str, per_request: u32) -> Self {
        Self { quota: Quota::new(accounts.clone()), accounts, what, per_request, plans: Cache::default() }
    }

    /// Uses units of an account's quota. `false`, and nothing is used, when the quota has not as many left. What is
    /// larger than the most that may be used at once counts as that.
    pub async fn take(&self, account: &AccountId, units: i64) -> Result<bool, TableError> {
        self.quota.take(&ItemKey::daily_quota(account, self.what), units, self.limit(account)).await
    }

    /// The quota of an account. That of one that does not exist any more is the smallest plan's.
    async fn limit(&self, account: &AccountId) -> Result<RateLimit, TableError> {
        if let Some(quota) = self.plans.get(account) {
            return Ok(quota);
        }
        let limit = match self.accounts.account(account).await? {
            Some(account) => account.rate_limit(),
            None => RateLimit::per_minute(Plan::Free.requests_per_minute()),
        };
        let quota = daily(limit.burst * i64::from(self.per_request));
        self.plans.put(account.clone(), quota, PLAN_AGE);
        Ok(quota)
    }
}

/// A quota of so many units a day.
fn daily(units: i64) -> RateLimit {
    let units = units.max(1);
    let day = i64::try_from(DAY.as_micros()).unwrap_or(i64::MAX);
    RateLimit { interval: (day / units).max(1), burst: (units / 4).max(MIN_BURST), slack: 0, carry_over: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::quota::FREE;
    use crate::account::record::Account;
    use crate::clock;
    use crate::ledger::charge::model::table;

    const PER_REQUEST: u32 = 8;
    /// What may come at once on the smallest plan.
    const BURST: i64 = 500 * PER_REQUEST as i64 / 4;

    async fn account(accounts: &AccountsTable) -> AccountId {
        let (id, name) = (AccountId::generate(), "Shop".to_owned());
        let account = Account::new(id.clone(), name, Plan::Free, clock::now());
        accounts.put_account(&account).await.expect("the table takes it");
        id
    }

    /// Takes from a process until the quota refuses, and not for ever.
    async fn exhaust(quota: &DailyQuota, account: &AccountId, at_once: i64) -> i64 {
        let mut taken = 0;
        while taken < 4 * BURST && quota.take(account, at_once).await.expect("the table answers") {
            taken += at_once;
        }
        taken
    }

    #[tokio::test]
    async fn processes_share_the_quota_of_an_account_and_each_adds_little() {
        let accounts = table().await;
        let (busy, other) = (account(&accounts).await, account(&accounts).await);
        let processes: Vec<_> = (0..4).map(|_| DailyQuota::inbound(accounts.clone(), PER_REQUEST)).collect();
        let mut taken = 0;
        for (process, at_once) in processes.iter().zip([1, 7, 300, 2]) {
            taken += exhaust(process, &busy, at_once).await;
        }
        // The quota goes on while the test runs: a kilobyte every 21 seconds.
        assert!((BURST..=BURST + 4 * FREE + 10).contains(&taken), "{taken} of {BURST}");
        assert!(processes[0].take(&other, BURST).await.expect("the table answers"));
    }

    #[tokio::test]
    async fn what_is_larger_than_a_burst_counts_as_one_and_is_not_refused_for_ever() {
        let accounts = table().await;
        let (account, quota) = (account(&accounts).await, DailyQuota::inbound(accounts, PER_REQUEST));
        assert!(quota.take(&account, 100 * BURST).await.expect("the table answers"));
        assert!(!quota.take(&account, BURST).await.expect("the table answers"));
    }
}
