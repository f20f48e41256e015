//! Cancels the messages of a batch.

use futures::stream::{self, StreamExt, TryStreamExt};

use crate::aws::TableError;
use crate::ids::{AccountId, MessageId};
use crate::message::{MAX_FAILURES_TOGETHER, Transitions};

/// Cancels those of these messages that are queued. Returns the others: what is being sent may come back to its queue.
pub async fn cancel_messages(
    transitions: &Transitions,
    account: &AccountId,
    ids: Vec<MessageId>,
) -> Result<Vec<MessageId>, TableError> {
    let canceled = stream::iter(ids).map(|id| async move {
        let written = transitions.cancel(account, &id).await?;
        Ok::<_, TableError>((!written.is_applied()).then_some(id))
    });
    canceled.buffered(MAX_FAILURES_TOGETHER).try_filter_map(|left| async move { Ok(left) }).try_collect().await
}
