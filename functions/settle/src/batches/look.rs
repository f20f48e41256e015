//! Looks at batches whose messages were all enqueued, or that were cancelled: when nothing is left to be sent, the batch is
//! complete.

use shared::aws::ProcessingError;
use shared::batch::cancel::cancel_messages;
use shared::batch::{BatchProgress, OpenBatch};
use shared::clock;
use shared::ids::MessageId;
use shared::message::batch_row::row_ids;
use shared::message::{MAX_PAGE, Message};

use super::feed::enqueue_again;
use crate::settler::Settler;

/// From this look on, a quarter of an hour after the last slot, what was enqueued and not attempted counts as lost.
const LOST_AFTER_LOOKS: u32 = 4;

/// Looks at a batch, from the first row of which something was left when it was last looked at.
pub async fn look_at(settler: &Settler, open: &OpenBatch) -> Result<(), ProcessingError> {
    let rows = open.ended..open.recipients;
    let ids = row_ids(&open.id, rows.clone());
    let mut unsent: Vec<Message> = Vec::new();
    for page in ids.chunks(MAX_PAGE) {
        let found = settler.messages.get_batch(page).await?;
        unsent.extend(found.into_iter().filter(|message| message.status.may_be_sent()));
    }
    let now = clock::now();
    let mut left: Vec<MessageId> = unsent.iter().map(|message| message.id.clone()).collect();
    if open.is_canceled {
        left = cancel_messages(&settler.transitions, &open.account_id, left).await?;
    } else if open.looks >= LOST_AFTER_LOOKS {
        unsent.retain(Message::belongs_into_queue);
        enqueue_again(settler, open, &unsent, now).await?;
    }
    match rows.zip(&ids).find(|(_, id)| left.contains(id)) {
        Some((row, _)) => settler.accounts.note_look_at_batch(open, row, now).await?,
        None => {
            let Some(batch) = settler.accounts.batch(&open.account_id, &open.id).await? else { return Ok(()) };
            let progress = BatchProgress::read(&batch, &settler.messages, now).await?;
            settler.accounts.complete_batch(&batch, &progress.counts, now).await?;
        }
    }
    Ok(())
}
