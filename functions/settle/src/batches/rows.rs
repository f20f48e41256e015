//! Reading the rows of a batch.

use std::collections::HashSet;

use shared::aws::TableError;
use shared::ids::MessageId;
use shared::message::{MAX_PAGE, Message};

use crate::settler::Settler;

/// The records of rows without their content, eventually consistent, at half the price: what was not to be sent a moment ago is not now either, and a
/// claim decides about the rest. What they do not show yet is read once more.
pub async fn read(settler: &Settler, ids: &[MessageId]) -> Result<Vec<Message>, TableError> {
    let mut all = Vec::new();
    for page in ids.chunks(MAX_PAGE) {
        let found = settler.messages.get_batch_without_content_eventually(page).await?;
        let known: HashSet<&MessageId> = found.iter().map(|message| &message.id).collect();
        let missing: Vec<MessageId> = page.iter().filter(|id| !known.contains(id)).cloned().collect();
        if !missing.is_empty() {
            all.extend(settler.messages.get_batch_without_content(&missing).await?);
        }
        all.extend(found);
    }
    Ok(all)
}
