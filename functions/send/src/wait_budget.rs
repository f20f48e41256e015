//! How long hosts of one account's files may keep this process waiting: about a tenth of its time, so that an account whose
//! hosts hang takes no more than a tenth of the processes from others (docs/adr/0027).

use std::time::Duration;

use shared::cache::Cache;
use shared::clock::{self, Timestamp};
use shared::ids::AccountId;

/// A call as short as this costs nothing.
const UNCOUNTED: Duration = Duration::from_millis(500);
/// Time that must pass for each second that a call took longer.
const WAIT_FACTOR: u32 = 10;
/// Time that may be owed when the next call starts: one host that was slow once ends no checks.
const MAX_DEBT: Duration = Duration::from_secs(5);

/// The waits of each account.
#[derive(Default)]
pub struct WaitBudget {
    paid_at: Cache<AccountId, Timestamp>,
}

impl WaitBudget {
    /// Whether a host may be called for this account.
    pub fn allows(&self, account: &AccountId) -> bool {
        self.paid_at.get(account).is_none_or(|paid_at| paid_at <= clock::now().plus(MAX_DEBT))
    }

    /// Notes how long a call took.
    pub fn spend(&self, account: &AccountId, time: Duration) {
        let price = time.saturating_sub(UNCOUNTED) * WAIT_FACTOR;
        if price.is_zero() {
            return;
        }
        let now = clock::now();
        let paid_at = self.paid_at.get(account).unwrap_or(now).max(now).plus(price);
        self.paid_at.put(account.clone(), paid_at, now.until(paid_at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_whose_hosts_hang_is_not_waited_for_again_and_another_is() {
        let (budget, account, other) = (WaitBudget::default(), AccountId::generate(), AccountId::generate());
        assert!(budget.allows(&account));
        budget.spend(&account, Duration::from_secs(2));
        assert!(!budget.allows(&account));
        assert!(budget.allows(&other));
    }

    #[test]
    fn short_calls_cost_nothing_and_a_slow_one_ends_no_checks() {
        let (budget, account) = (WaitBudget::default(), AccountId::generate());
        for _ in 0..100 {
            budget.spend(&account, UNCOUNTED);
        }
        budget.spend(&account, UNCOUNTED + Duration::from_millis(400));
        assert!(budget.allows(&account));
        budget.spend(&account, UNCOUNTED + Duration::from_millis(400));
        assert!(!budget.allows(&account));
    }
}
