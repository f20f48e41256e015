//! Events that wait in their webhook's log for longer than the queue holds anything: put into the queue when they are due.

use futures::future::join_all;
use shared::account_key::ItemKey;
use shared::clock;
use shared::delivery_log::DeliveryLog;

use crate::batch::{NotNow, Settler};

/// Rows that are read together.
const PAGE: usize = 100;
/// Pages of one minute: what is left is the next minute's.
const PAGES: usize = 20;

/// Moves all that is due.
pub async fn settle(settler: &Settler) -> Result<(), NotNow> {
    for _ in 0..PAGES {
        let rows = settler.books.accounts.due_logs(clock::now(), PAGE).await?;
        let is_last = rows.len() < PAGE;
        let moved = join_all(rows.into_iter().map(|(key, row)| settle_one(settler, key, row))).await;
        moved.into_iter().collect::<Result<(), _>>()?;
        if is_last {
            break;
        }
    }
    Ok(())
}

/// The queue first: a crash between both tells the event twice, under one id.
async fn settle_one(settler: &Settler, key: ItemKey, row: DeliveryLog) -> Result<(), NotNow> {
    let (Some(retry), Some(due)) = (row.retry, row.due) else {
        return Ok(());
    };
    settler.webhooks.enqueue(&retry).await?;
    Ok(settler.books.accounts.note_moved(key, due).await?)
}
