//! The ledgers of accounts that have something open: every minute, many at the same time, so that the time that a run takes
//! depends on what is open and not on how many accounts there are.

use futures::stream::{self, StreamExt};
use shared::aws::TableError;
use shared::clock;
use shared::ids::AccountId;
use shared::ledger::ACTIVITY_SHARDS;

use crate::settler::Settler;
use crate::{bulk_lane, reservations};

/// Ledgers that are read concurrently.
const MAX_CONCURRENCY: usize = 32;
/// Other ledgers that each run reads as well.
const OTHERS: usize = 100;

/// Resolves what is open in the active ledgers, and in a few others. A run that has too little time for all of them ends at another place each
/// minute.
pub async fn resolve_open(settler: &Settler) -> Result<(), TableError> {
    if settler.ledger.any_is_active().await? {
        resolve_active(settler).await?;
    }
    resolve_all(settler, settler.ledger.any_accounts(OTHERS).await?).await;
    Ok(())
}

async fn resolve_active(settler: &Settler) -> Result<(), TableError> {
    let first = u32::try_from(clock::now().secs() / 60 % i64::from(ACTIVITY_SHARDS)).unwrap_or_default();
    for number in (first..ACTIVITY_SHARDS).chain(0..first) {
        resolve_all(settler, settler.ledger.active_accounts(number).await?).await;
    }
    Ok(())
}

async fn resolve_all(settler: &Settler, accounts: Vec<AccountId>) {
    let settled = stream::iter(accounts).for_each_concurrent(MAX_CONCURRENCY, |account| async move {
        if let Err(error) = resolve_ledger(settler, &account).await {
            tracing::error!(account_id = %account, %error, "ledger.settle_failed"); // the next minute settles it
        }
    });
    settled.await;
}

async fn resolve_ledger(settler: &Settler, account: &AccountId) -> Result<(), TableError> {
    let Some(ledger) = settler.ledger.read(account).await? else { return Ok(()) };
    let is_out_of_bulk = bulk_lane::check_marks(settler, account, &ledger).await;
    reservations::resolve_all(settler, account, &ledger).await;
    if is_out_of_bulk && ledger.reservations.is_empty() && ledger.may_rest(clock::now()) {
        settler.ledger.rest(account, &ledger).await?;
    }
    Ok(())
}
