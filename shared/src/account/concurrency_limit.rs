//! How many operations of one kind an account may have in progress at once, over all processes: leases in one item of the
//! account (`running#…`). For operations that are rare and take long, since each costs two reads and two writes.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::aws::conditional_write::until_applied;
use crate::aws::{AccountsTable, FORGET_AT, ItemKey, TableError, UpdateBuilder};
use crate::clock::{self, Timestamp};
use crate::ids::AccountId;

/// How long the item is kept after its last lease has ended.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// A kind of operation and its limit. At most one is in progress for each subject, such as a webhook.
#[derive(Debug)]
pub struct ConcurrencyLimit {
    /// The kind, as the item's key names it.
    pub kind: &'static str,
    /// How many an account may have in progress.
    pub max: usize,
    /// When an operation that was neither continued nor finished no longer counts: its process has died.
    pub lease: Duration,
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// What it is about: another one with the same subject must wait.
    pub subject: &'a str,
    /// Its id.
    pub id: &'a str,
}

/// Whether an operation may begin or continue.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Admission {
    /// It may, for as long as the lease.
    Admitted,
    /// Another operation with the same subject is in progress, until this time at most.
    SubjectBusy(Timestamp),
    /// The account has as many in progress as it may have, until this time at most.
    AccountBusy(Timestamp),
}

/// The item.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Leases {
    #[serde(default)]
    version: u64,
    /// By subject.
    #[serde(default)]
    leases: BTreeMap<String, Lease>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Lease {
    id: String,
    until: Timestamp,
}

impl ConcurrencyLimit {
    /// Does `work` as an operation, from its beginning to its end; otherwise says why not. One whose end cannot be written ends
    /// with its lease.
    pub async fn during<T>(
        &self,
        table: &AccountsTable,
        operation: Operation<'_>,
        work: impl Future<Output = T>,
    ) -> Result<Result<T, Admission>, TableError> {
        let admission = self.acquire(table, operation).await?;
        if admission != Admission::Admitted {
            return Ok(Err(admission));
        }
        let done = work.await;
        if let Err(error) = self.release(table, operation).await {
            tracing::error!(account_id = %operation.account, kind = self.kind, %error, "operation.release_failed");
        }
        Ok(Ok(done))
    }

    /// Begins an operation, or continues it if it is in progress already.
    pub async fn acquire(&self, table: &AccountsTable, operation: Operation<'_>) -> Result<Admission, TableError> {
        let attempt = || async {
            let (mut item, now) = (self.read(table, operation).await?, clock::now());
            item.leases.retain(|_, lease| now < lease.until);
            let admission = self.admit(&mut item.leases, operation, now);
            let is_settled = admission != Admission::Admitted || self.write(table, operation, &item, now).await?;
            Ok::<_, TableError>(is_settled.then_some(admission))
        };
        until_applied(attempt).await?.ok_or(TableError::Conflict)
    }

    /// Finishes an operation.
    pub async fn release(&self, table: &AccountsTable, operation: Operation<'_>) -> Result<(), TableError> {
        let attempt = || async {
            let (mut item, now) = (self.read(table, operation).await?, clock::now());
            let before = item.leases.len();
            item.leases.retain(|subject, lease| subject != operation.subject || lease.id != operation.id);
            let is_settled = item.leases.len() == before || self.write(table, operation, &item, now).await?;
            Ok::<_, TableError>(is_settled.then_some(()))
        };
        until_applied(attempt).await?.ok_or(TableError::Conflict)
    }

    fn admit(&self, leases: &mut BTreeMap<String, Lease>, operation: Operation<'_>, now: Timestamp) -> Admission {
        let own = leases.get(operation.subject);
        if let Some(other) = own.filter(|lease| lease.id != operation.id) {
            return Admission::SubjectBusy(other.until);
        }
        if own.is_none() && leases.len() >= self.max {
            return Admission::AccountBusy(leases.values().map(|lease| lease.until).min().unwrap_or(now));
        }
        let lease = Lease { id: operation.id.to_owned(), until: now.plus(self.lease) };
        leases.insert(operation.subject.to_owned(), lease);
        Admission::Admitted
    }

    async fn read(&self, table: &AccountsTable, operation: Operation<'_>) -> Result<Leases, TableError> {
        Ok(table.get(ItemKey::running(operation.account, self.kind)).await?.unwrap_or_default())
    }

    /// `false` when the item has changed since it was read.
    async fn write(
        &self,
        table: &AccountsTable,
        operation: Operation<'_>,
        item: &Leases,
        now: Timestamp,
    ) -> Result<bool, TableError> {
        let update = UpdateBuilder::new()
            .set("version", item.version + 1)
            .set("leases", &item.leases)
            .set(FORGET_AT, now.plus(self.lease).plus(KEPT).secs());
        let update = match item.version {
            0 => update.when_absent("version"),
            version => update.when_equal("version", version),
        };
        Ok(table.update(ItemKey::running(operation.account, self.kind), &update).await?.is_applied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: ConcurrencyLimit = ConcurrencyLimit { kind: "tests", max: 2, lease: Duration::from_secs(20) };

    #[test]
    fn an_account_has_a_bounded_number_in_progress_and_one_for_each_subject() {
        let (account, now, mut leases) = (AccountId::generate(), Timestamp::from_secs(100), BTreeMap::new());
        let mut admit = |subject, id| LIMIT.admit(&mut leases, Operation { account: &account, subject, id }, now);
        let until = now.plus(LIMIT.lease);
        assert_eq!(admit("wh_a", "1"), Admission::Admitted);
        assert_eq!(admit("wh_a", "2"), Admission::SubjectBusy(until));
        assert_eq!(admit("wh_a", "1"), Admission::Admitted, "it continues");
        assert_eq!(admit("wh_b", "3"), Admission::Admitted);
        assert_eq!(admit("wh_c", "4"), Admission::AccountBusy(until));
        assert_eq!(admit("wh_b", "3"), Admission::Admitted, "it continues");
    }
}
