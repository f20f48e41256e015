//! Deliveries that wait in their webhook's log, for longer than the queue can hold them. Every minute, each account with
//! some that are due gets a message in the queue, and in its turn they are moved there.

use std::time::{Duration, SystemTime};

use futures::{StreamExt, TryStreamExt, stream};
use shared::aws::{ItemKey, ProcessingError};
use shared::clock::{self, Timestamp};
use shared::ids;
use shared::webhook::DeliveryLog;
use shared::webhook::waiting::{DueDeliveries, EARLIER, WaitingAccount};

use crate::dispatcher::Dispatcher;

/// Rows that are moved together.
const PAGE: usize = 100;
/// The time between two pages of an account: the index no longer has the rows of the first.
const PAGE_DELAY: Duration = Duration::from_secs(1);
/// How long one minute's message moves pages: the next minute has its own.
const MOVING_TIME: Duration = Duration::from_secs(55);
/// Calls that are made concurrently.
const MAX_CONCURRENCY: usize = 8;
/// More than a check takes: none is begun with less time left.
const CHECK_TIME: Duration = Duration::from_secs(5);

/// Enqueues a message for each account with deliveries that are due, as many as there is time for until `deadline`.
pub async fn enqueue(dispatcher: &Dispatcher, deadline: SystemTime) -> Result<(), ProcessingError> {
    let now = clock::now();
    let mut accounts = dispatcher.accounts.waiting_accounts().await?;
    if !accounts.is_empty() {
        // Begins at another account each minute, so that none is always the one for which the time is too short.
        let first = usize::from(u16::from_le_bytes(ids::random())) % accounts.len();
        accounts.rotate_left(first);
    }
    let lists = accounts.into_iter().map(Some).chain([None]);
    let checks = stream::iter(lists).map(|account| async move {
        if SystemTime::now() + CHECK_TIME > deadline {
            return Ok(());
        }
        check(dispatcher, account, now).await
    });
    let checked: Vec<_> = checks.buffer_unordered(MAX_CONCURRENCY).collect().await;
    checked.into_iter().collect()
}

/// Enqueues the message of an account, or of what earlier versions have left, if anything of it is due.
async fn check(
    dispatcher: &Dispatcher,
    account: Option<WaitingAccount>,
    now: Timestamp,
) -> Result<(), ProcessingError> {
    let waits = account.as_ref().map_or(EARLIER, |account| account.id.as_str()).to_owned();
    match (dispatcher.accounts.next_due(&waits).await?, account) {
        (Some(due), _) if due <= now => {
            let due = DueDeliveries { waits, moved_until: now.plus(MOVING_TIME) };
            Ok(dispatcher.queue.enqueue_due(&due, Duration::ZERO).await?)
        }
        (None, Some(account)) if account.is_removable(now) => Ok(dispatcher.accounts.unlist_waiting(&account).await?),
        _ => Ok(()),
    }
}

/// Moves a page of deliveries to the queue.
pub async fn move_page(dispatcher: &Dispatcher, due: &DueDeliveries) -> Result<(), ProcessingError> {
    let now = clock::now();
    let (rows, has_more) = dispatcher.accounts.due_deliveries(&due.waits, now, PAGE).await?;
    let rows = stream::iter(rows.into_iter().map(Ok));
    rows.try_for_each_concurrent(MAX_CONCURRENCY, |(key, row)| enqueue_one(dispatcher, key, row)).await?;
    if has_more && now < due.moved_until {
        dispatcher.queue.enqueue_due(due, PAGE_DELAY).await?;
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
