//! Looks at batches whose messages were all enqueued, or that were cancelled: when nothing is left to be sent, the batch is
//! complete.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use futures::stream::{self, StreamExt, TryStreamExt};
use shared::aws::{ProcessingError, TableError};
use shared::batch::cancel::cancel_messages;
use shared::batch::{BatchProgress, OpenBatch};
use shared::clock::{self, Timestamp};
use shared::ids::MessageId;
use shared::instance::Instance;
use shared::message::batch_row::row_ids;
use shared::message::{MAX_FAILURES_TOGETHER, MAX_PAGE, Message, State};

use super::feed::enqueue_again;
use super::rows;
use crate::settler::Settler;

/// From this look on, a quarter of an hour after the last slot, what was enqueued and not attempted counts as lost.
const LOST_AFTER_LOOKS: u32 = 4;

/// No page of a cancelled batch is begun with less time left: an account's cancellations share their transactions, of several batches at a time.
const PAGE_TIME: Duration = Duration::from_secs(8);

/// Looks at a batch, from the first row of which something was left when it was last looked at. A cancelled one of which there is no time to
/// cancel all is gone on with by the next run.
pub async fn look_at(settler: &Settler, open: &OpenBatch, deadline: SystemTime) -> Result<(), ProcessingError> {
    let rows = open.ended..open.recipients;
    let ids = row_ids(&open.id, rows.clone());
    let now = clock::now();
    let (mut left, mut progress) = (Vec::<MessageId>::new(), BatchProgress::default());
    let mut was_changed = open.is_canceled;
    // A page at a time: those of many instances are looked at together.
    for page in ids.chunks(MAX_PAGE) {
        if open.is_canceled && SystemTime::now() + PAGE_TIME >= deadline {
            return Ok(());
        }
        let found = rows::read(settler, page).await?;
        progress.add_all(&found, now);
        let expired = expire(settler, &found, now).await?;
        was_changed |= !expired.is_empty();
        let unsent = || found.iter().filter(|message| message.status.may_be_sent() && !expired.contains(&message.id));
        let unsent_ids: Vec<MessageId> = unsent().map(|message| message.id.clone()).collect();
        if open.is_canceled {
            left.extend(cancel(settler, open, unsent_ids, now).await?);
            continue;
        }
        left.extend(unsent_ids);
        if open.looks >= LOST_AFTER_LOOKS {
            let lost: Vec<&Message> = unsent().filter(|message| message.belongs_into_queue()).collect();
            enqueue_again(settler, open, &lost, now).await?;
        }
    }
    match rows.zip(&ids).find(|(_, id)| left.contains(id)) {
        Some((row, _)) => settler.accounts.note_look_at_batch(open, row, now).await?,
        None => complete(settler, open, (!was_changed).then_some(progress), now).await?,
    }
    Ok(())
}

/// Cancels messages of a batch, and gives back the room of those that will not be sent. Returns the others.
async fn cancel(
    settler: &Settler,
    open: &OpenBatch,
    ids: Vec<MessageId>,
    now: Timestamp,
) -> Result<Vec<MessageId>, ProcessingError> {
    let count = ids.len();
    let left = cancel_messages(&settler.transitions, &open.account_id, ids).await?;
    let canceled = count - left.len();
    let instance = settler.instances.get(&open.account_id, &open.instance_id).await?;
    // A scheduled batch has booked no room.
    if let Some(number) = instance.as_ref().and_then(Instance::connected_number).filter(|_| open.send_at.is_none())
        && canceled > 0
    {
        let room = (number.slots(), canceled);
        settler.waiting_slots.release_room(&open.account_id, &open.instance_id, room, now).await?;
    }
    Ok(left)
}

/// Expires those that are still queued at their `expiresIn`: whatever was attempted once is not enqueued again, and may be in no queue. Returns
/// them.
async fn expire(settler: &Settler, found: &[Message], now: Timestamp) -> Result<HashSet<MessageId>, TableError> {
    let is_over = |message: &&Message| message.status == State::Queued && message.deadline <= now;
    let expired = found.iter().filter(is_over).map(|message| async move {
        let written = settler.transitions.expire((&message.account_id, &message.id), None).await?;
        Ok::<_, TableError>(written.is_applied().then(|| message.id.clone()))
    });
    stream::iter(expired)
        .buffer_unordered(MAX_FAILURES_TOGETHER)
        .try_filter_map(|id| async move { Ok(id) })
        .try_collect()
        .await
}

/// Completes a batch of which nothing is left, and of whose rows from the first that was left on this was read, if they are as they were.
async fn complete(
    settler: &Settler,
    open: &OpenBatch,
    progress: Option<BatchProgress>,
    now: Timestamp,
) -> Result<(), ProcessingError> {
    let Some(batch) = settler.accounts.batch(&open.account_id, &open.id).await? else { return Ok(()) };
    let mut all = progress.unwrap_or_default();
    if progress.is_some() {
        for page in row_ids(&open.id, 0..open.ended).chunks(MAX_PAGE) {
            all.add_all(&rows::read(settler, page).await?, now);
        }
    } else {
        for page in batch.message_ids().chunks(MAX_PAGE) {
            all.add_all(&settler.messages.get_batch_without_content(page).await?, now);
        }
    }
    Ok(settler.accounts.complete_batch(&batch, &all.counts, now).await.map(drop)?)
}
