//! A quota of units, such as kilobytes: an arrival time in an item of the account, over all processes. A process takes units from it
//! in advance, so that using one seldom costs a write (docs/adr/0031).

use std::time::Duration;

use crate::aws::conditional_write::until_applied;
use crate::aws::{AccountsTable, ConditionalWrite, FORGET_AT, ItemKey, TableError, UpdateBuilder};
use crate::bounded_map::BoundedMap;
use crate::clock::{self, Timestamp};
use crate::ledger::key_limit::{ARRIVAL, arrival};
use crate::ledger::rate_limit::{ArrivalTime, RateLimit, micros};

/// Units of each quota that a process uses before it takes any: most processes that use few never write.
pub const FREE: i64 = 8;
/// Units that a process takes at once.
const TAKEN_AT_ONCE: i64 = 32;
/// How long the item is kept: longer than any quota needs to be full again.
const KEPT: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// Quotas over a table.
pub struct Quota {
    accounts: AccountsTable,
    /// What it forgets counts as used.
    taken: BoundedMap<ItemKey, Taken>,
}

/// What a process knows of a quota.
struct Taken {
    /// Units that were taken and not used yet.
    units: i64,
    /// The quota's arrival time as it was last seen.
    arrival: ArrivalTime,
}

impl Quota {
    /// Quotas over this table.
    pub fn new(accounts: AccountsTable) -> Self {
        Self { accounts, taken: BoundedMap::default() }
    }

    /// Uses units of the quota with this item. `false`, and nothing is used, when it has not as many left. What is larger than the
    /// most that may be used at once counts as that. `limit` is read only when the units that the process holds are not enough.
    pub async fn take(
        &self,
        key: &ItemKey,
        units: i64,
        limit: impl Future<Output = Result<RateLimit, TableError>>,
    ) -> Result<bool, TableError> {
        if self.use_taken(key, units) {
            return Ok(true);
        }
        let limit = limit.await?;
        let units = units.min(limit.burst);
        for amount in [units.max(TAKEN_AT_ONCE), units] {
            let taken = until_applied(|| self.try_to_take(key, limit, amount)).await?;
            if taken.ok_or(TableError::Conflict)? {
                self.taken(key, |taken| taken.units += amount - units);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes an amount from a quota. `None` when its arrival time had changed.
    async fn try_to_take(&self, key: &ItemKey, limit: RateLimit, amount: i64) -> Result<Option<bool>, TableError> {
        let (now, seen) = (clock::now(), self.taken(key, |taken| taken.arrival));
        let latest = micros(now) + (limit.burst - amount) * limit.interval;
        if seen > latest {
            return Ok(Some(false));
        }
        let update = advance(seen, latest, amount * limit.interval, now);
        let written = self.accounts.update(key.clone(), &update).await;
        let (item, is_applied) = match written.inspect_err(|_| self.taken(key, |taken| taken.arrival = 0))? {
            ConditionalWrite::Applied(item) => (Some(item), true),
            ConditionalWrite::Refused(item) => (item, false),
        };
        self.taken(key, |taken| taken.arrival = item.as_ref().map_or(0, arrival));
        Ok(is_applied.then_some(true))
    }

    fn use_taken(&self, key: &ItemKey, units: i64) -> bool {
        self.taken(key, |taken| {
            let is_enough = taken.units >= units;
            taken.units -= if is_enough { units } else { 0 };
            is_enough
        })
    }

    fn taken<T>(&self, key: &ItemKey, work: impl FnOnce(&mut Taken) -> T) -> T {
        self.taken.with(key, work)
    }
}

impl Default for Taken {
    fn default() -> Self {
        Self { units: FREE, arrival: 0 }
    }
}

/// Advances the arrival time by `time`, from where it was last seen (as [`RateLimit::advance`] does by one request).
fn advance(seen: ArrivalTime, latest: ArrivalTime, time: i64, now: Timestamp) -> UpdateBuilder {
    let kept = UpdateBuilder::new().set(FORGET_AT, now.plus(KEPT).secs());
    if seen > micros(now) {
        return kept.add(ARRIVAL, time).when_above(ARRIVAL, micros(now)).when_at_most(ARRIVAL, latest);
    }
    kept.set(ARRIVAL, micros(now) + time).when_absent_or_at_most(ARRIVAL, micros(now))
}
