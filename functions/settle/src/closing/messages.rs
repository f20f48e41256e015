//! The messages and the contacts of an account that is closing, instance by instance. All of its instances are deleted by now.
//!
//! A contact is deleted with the messages of its person. The records of the messages are read: one that may still be sent, or of
//! which WhatsApp may still report that it was, stays until it has ended.

use std::time::Instant;

use futures::{StreamExt, TryStreamExt, stream};
use lambda_runtime::Error;
use shared::aws::TableError;
use shared::batch::InstanceHistory;
use shared::ids::{AccountId, InstanceId, MessageId};
use shared::message::{MAX_PAGE, Message};

use super::pace::Pace;
use crate::settler::Settler;

/// Queued messages that are cancelled at a time: those that are cancelled together are refunded in one transaction.
const CONCURRENT_CANCELS: usize = 25;
/// What is left of an account's messages.
#[derive(Debug, Eq, PartialEq)]
pub enum Left {
    /// Nothing, and no contact.
    Nothing,
    /// So many that may still be sent; or none that was seen, and the next run looks whether that is all.
    Messages(usize),
    /// There was too little time to know.
    Unknown,
}

impl Left {
    const fn count(&self) -> usize {
        match self {
            Self::Messages(count) => *count,
            Self::Nothing | Self::Unknown => 0,
        }
    }
}

/// Deletes an account's messages and contacts.
pub async fn delete(settler: &Settler, account: &AccountId, pace: &Pace) -> Result<Left, Error> {
    let (mut left, mut is_empty) = (0, true);
    let instances = settler.accounts.instance_tombstones(account).await?;
    for instance in instances.into_iter().filter(|instance| !instance.is_emptied) {
        match delete_of_instance(settler, account, &instance.id, pace).await? {
            Left::Nothing => {}
            Left::Messages(count) => (left, is_empty) = (left + count, false),
            Left::Unknown => return Ok(Left::Unknown),
        }
    }
    Ok(if is_empty { Left::Nothing } else { Left::Messages(left) })
}

/// Deletes those of an instance. It is empty only when a look at its batches and at its history finds nothing at all.
async fn delete_of_instance(
    settler: &Settler,
    account: &AccountId,
    instance: &InstanceId,
    pace: &Pace,
) -> Result<Left, Error> {
    let history = InstanceHistory { messages: &settler.messages, accounts: &settler.accounts, account, instance };
    match (delete_indexed(settler, &history, pace).await?, delete_batches(settler, &history, pace).await?) {
        (Left::Nothing, Left::Nothing) => {}
        (Left::Unknown, _) | (_, Left::Unknown) => return Ok(Left::Unknown),
        (indexed, of_batches) => return Ok(Left::Messages(indexed.count() + of_batches.count())),
    }
    while settler.contacts.delete_people_heard(instance).await? {
        if !pace.has_time() {
            return Ok(Left::Unknown);
        }
    }
    settler.accounts.note_emptied(account, instance).await?;
    Ok(Left::Nothing)
}

/// Deletes the messages of batches. What stands for a batch in the history keeps those that are left, so that no run looks for the
/// others again.
async fn delete_batches(settler: &Settler, history: &InstanceHistory<'_>, pace: &Pace) -> Result<Left, Error> {
    let (mut left, mut after) = (None, None::<String>);
    while let Some(batch) = history.next_batch(after.as_deref()).await? {
        let mut of_batch = Vec::new();
        for ids in batch.message_ids().chunks(MAX_PAGE) {
            if !pace.has_time() {
                return Ok(Left::Unknown);
            }
            let began = Instant::now();
            of_batch.extend(delete_page(settler, history.account, history.instance, ids).await?);
            pace.rest(began, ids.len()).await;
        }
        history.keep(&batch, &of_batch).await?;
        left = Some(left.unwrap_or_default() + of_batch.len());
        after = Some(batch.list_key());
    }
    Ok(left.map_or(Left::Nothing, Left::Messages))
}

/// Deletes the messages that the index lists.
async fn delete_indexed(settler: &Settler, history: &InstanceHistory<'_>, pace: &Pace) -> Result<Left, Error> {
    let (mut seen, mut left, mut after) = (0, 0, None::<String>);
    loop {
        if !pace.has_time() {
            return Ok(Left::Unknown);
        }
        let began = Instant::now();
        let (ids, next) = history.indexed_ids(after.as_deref(), MAX_PAGE).await?;
        left += delete_page(settler, history.account, history.instance, &ids).await?.len();
        seen += ids.len();
        pace.rest(began, ids.len()).await;
        after = next;
        if after.is_none() {
            return Ok(if seen > 0 { Left::Messages(left) } else { Left::Nothing });
        }
    }
}

/// Deletes messages and the contacts of their people. Returns those that may still be sent.
async fn delete_page(
    settler: &Settler,
    account: &AccountId,
    instance: &InstanceId,
    ids: &[MessageId],
) -> Result<Vec<MessageId>, Error> {
    let read = settler.messages.get_batch(ids).await?;
    let ended = stream::iter(read)
        .map(async |message| Ok::<_, TableError>((settler.transitions.end_queued(&message).await?, message)));
    let ended: Vec<(bool, Message)> = ended.buffer_unordered(CONCURRENT_CANCELS).try_collect().await?;
    let (ended, left): (Vec<_>, Vec<_>) = ended.into_iter().partition(|(has_ended, _)| *has_ended);
    let ended: Vec<Message> = ended.into_iter().map(|(_, message)| message).collect();
    if !ended.is_empty() {
        // First, since a message leads to its contact.
        settler.contacts.delete_people(instance, ended.iter().map(|message| &message.contact)).await?;
        settler.messages.delete_all(&ended).await?;
        settler.accounts.count_deleted(account, ended.len()).await?;
    }
    Ok(left.into_iter().map(|(_, message)| message.id).collect())
}
