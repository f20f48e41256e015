//! Deliveries that wait in their webhook's log, for longer than the queue can hold them: enqueued when they are due.

use std::time::{Duration, SystemTime};

use futures::future::join_all;
use shared::aws::{ItemKey, ProcessingError};
use shared::clock;
use shared::webhook::DeliveryLog;

use crate::dispatcher::Dispatcher;

/// Rows that are read together.
const PAGE: usize = 100;
/// Pages of one run: the rest is the next minute's.
const MAX_PAGES: usize = 20;
/// More than a page takes: none is begun with less time left.
const PAGE_TIME: Duration = Duration::from_secs(10);

/// Enqueues the deliveries that are due, as many as there is time for until `deadline`.
pub async fn enqueue(dispatcher: &Dispatcher, deadline: SystemTime) -> Result<(), ProcessingError> {
    for _ in 0..MAX_PAGES {
        if SystemTime::now() + PAGE_TIME > deadline {
            break;
        }
        let rows = dispatcher.accounts.due_deliveries(clock::now(), PAGE).await?;
        let is_last = rows.len() < PAGE;
        let moved = join_all(rows.into_iter().map(|(key, row)| enqueue_one(dispatcher, key, row))).await;
        moved.into_iter().collect::<Result<(), _>>()?;
        if is_last {
            break;
        }
    }
    Ok(())
}

/// Enqueues first: a crash between both steps delivers the event twice, with one id.
async fn enqueue_one(dispatcher: &Dispatcher, key: ItemKey, row: DeliveryLog) -> Result<(), ProcessingError> {
    let (Some(delivery), Some(due)) = (row.waiting, row.due) else {
        return Ok(());
    };
    dispatcher.queue.enqueue(&delivery).await?;
    Ok(dispatcher.accounts.remove_waiting(key, due).await?)
}
