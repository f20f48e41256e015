//! Looks at batches whose messages were all enqueued, or that were cancelled: when nothing is left to be sent, the batch is
//! complete.

use shared::aws::ProcessingError;
use shared::batch::cancel::cancel_messages;
use shared::batch::{BatchProgress, OpenBatch};
use shared::clock::{self, Timestamp};
use shared::ids::MessageId;
use shared::message::batch_row::row_ids;
use shared::message::{MAX_PAGE, Message};

use super::feed::enqueue_again;
use super::rows;
use crate::settler::Settler;

/// From this look on, a quarter of an hour after the last slot, what was enqueued and not attempted counts as lost.
const LOST_AFTER_LOOKS: u32 = 4;

/// Looks at a batch, from the first row of which something was left when it was last looked at.
pub async fn look_at(settler: &Settler, open: &OpenBatch) -> Result<(), ProcessingError> {
    let rows = open.ended..open.recipients;
    let ids = row_ids(&open.id, rows.clone());
    let now = clock::now();
    let (mut left, mut progress) = (Vec::<MessageId>::new(), BatchProgress::default());
    // A page at a time: those of many instances are looked at together.
    for page in ids.chunks(MAX_PAGE) {
        let found = rows::read(settler, page).await?;
        progress.add_all(&found, now);
        let unsent = || found.iter().filter(|message| message.status.may_be_sent());
        left.extend(unsent().map(|message| message.id.clone()));
        if !open.is_canceled && open.looks >= LOST_AFTER_LOOKS {
            let lost: Vec<&Message> = unsent().filter(|message| message.belongs_into_queue()).collect();
            enqueue_again(settler, open, &lost, now).await?;
        }
    }
    if open.is_canceled {
        left = cancel_messages(&settler.transitions, &open.account_id, left).await?;
    }
    match rows.zip(&ids).find(|(_, id)| left.contains(id)) {
        Some((row, _)) => settler.accounts.note_look_at_batch(open, row, now).await?,
        None => complete(settler, open, progress, now).await?,
    }
    Ok(())
}

/// Completes a batch of which nothing is left, and of whose rows from the first that was left on this was read.
async fn complete(
    settler: &Settler,
    open: &OpenBatch,
    mut progress: BatchProgress,
    now: Timestamp,
) -> Result<(), ProcessingError> {
    let Some(batch) = settler.accounts.batch(&open.account_id, &open.id).await? else { return Ok(()) };
    if open.is_canceled {
        progress = BatchProgress::default(); // some were cancelled just now
        for page in batch.message_ids().chunks(MAX_PAGE) {
            progress.add_all(&settler.messages.get_batch_without_content(page).await?, now);
        }
    } else {
        for page in row_ids(&open.id, 0..open.ended).chunks(MAX_PAGE) {
            progress.add_all(&rows::read(settler, page).await?, now);
        }
    }
    Ok(settler.accounts.complete_batch(&batch, &progress.counts, now).await.map(drop)?)
}
