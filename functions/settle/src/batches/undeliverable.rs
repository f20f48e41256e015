//! Batches whose messages cannot leave any more: they fail here. In the queue they would be thousands, before those of other numbers.

use std::time::{Duration, SystemTime};

use futures::stream::{self, StreamExt, TryStreamExt};
use shared::aws::{ProcessingError, TableError};
use shared::batch::OpenBatch;
use shared::clock::{self, Timestamp};
use shared::instance::Instance;
use shared::message::batch_row::row_ids;
use shared::message::{Failure, MAX_FAILURES_TOGETHER, MAX_PAGE, Message, QueuedMessage};

use super::feed::is_undeliverable;
use super::rows;
use crate::settler::Settler;

/// No page is begun with less time left.
const PAGE_TIME: Duration = Duration::from_secs(8);

/// Fails the messages of a batch that were not enqueued, a page after the other while there is time; the next run goes on.
pub async fn fail(settler: &Settler, open: &OpenBatch, deadline: SystemTime) -> Result<(), ProcessingError> {
    let mut open = open.clone();
    while open.left() > 0 && SystemTime::now() + PAGE_TIME < deadline {
        let now = clock::now();
        // For each page and not from the cache: the number may have been connected a moment ago.
        let instance = settler.accounts.instance(&open.account_id, &open.instance_id).await?;
        if !is_undeliverable(&open, instance.as_ref(), now) {
            return Ok(());
        }
        let ids = row_ids(&open.id, (open.next..open.recipients).take(MAX_PAGE));
        let next = open.next.saturating_add(u16::try_from(ids.len()).unwrap_or(u16::MAX));
        let found = rows::read(settler, &ids).await?;
        let waiting = found.iter().filter(|message| message.belongs_into_queue());
        let failed = waiting.map(|message| fail_message(settler, message, instance.as_ref(), now));
        stream::iter(failed).buffer_unordered(MAX_FAILURES_TOGETHER).try_collect::<()>().await?;
        let due = if next >= open.recipients { now.millis() } else { open.due };
        settler.accounts.advance_batch(&open, next, Timestamp::from_millis(due)).await?;
        open = OpenBatch { next, due, ..open };
    }
    Ok(())
}

/// Fails one as `deliver` would. One that has changed meanwhile is none of this any more.
async fn fail_message(
    settler: &Settler,
    message: &Message,
    instance: Option<&Instance>,
    now: Timestamp,
) -> Result<(), TableError> {
    let queued = QueuedMessage::from(message);
    let is_connected = instance.is_some_and(|instance| instance.connected_number().is_some());
    if is_connected || message.deadline <= now {
        settler.transitions.expire((&message.account_id, &message.id), queued.nonce.as_deref()).await.map(drop)
    } else {
        settler.transitions.fail_queued(&queued, &Failure::disconnected()).await.map(drop)
    }
}
