//! What an account that is closing has beside messages: callbacks that could not be read, what was given up, logs and replays of
//! webhooks, files, statistics, and whatever else is in its partition.

use std::collections::HashMap;
use std::time::Instant;

use futures::{StreamExt, TryStreamExt, stream};
use lambda_runtime::Error;
use shared::aws::{ACCOUNT, CLOSING, ItemKey, LEDGER};
use shared::clock::Timestamp;
use shared::ids::AccountId;
use shared::media::BucketError;
use shared::unread_callback::UnreadCallback;
use shared::webhook::DEAD_LETTER_SHARDS;

use super::pace::Pace;
use crate::settler::Settler;

/// Items that are deleted together.
const PAGE: usize = 100;
/// Objects of the bucket that are deleted at a time.
const CONCURRENT_OBJECTS: usize = 8;
/// What stays in an account's partition until the closing ends.
const KEPT: [&str; 3] = [ACCOUNT, CLOSING, LEDGER];

/// Deletes all of it. `false` when the time was too short.
pub async fn delete(settler: &Settler, account: &AccountId, pace: &Pace) -> Result<bool, Error> {
    Ok(delete_unread_callbacks(settler, account, pace).await?
        && delete_dead_letters(settler, account, pace).await?
        && delete_logs(settler, account, pace).await?
        && delete_partition(settler, account, ItemKey::media_partition(account), pace).await?
        && delete_partition(settler, account, ItemKey::statistics_partition(account), pace).await?
        && delete_partition(settler, account, ItemKey::batch_partition(account), pace).await?
        && delete_partition(settler, account, account.to_string(), pace).await?)
}

/// Deletes the callbacks that only the account's own apps have signed, or that are about numbers of its alone, from the time when it had
/// them.
async fn delete_unread_callbacks(settler: &Settler, account: &AccountId, pace: &Pace) -> Result<bool, Error> {
    let tombstones = settler.accounts.instance_tombstones(account).await?.into_iter();
    let numbers: HashMap<String, Timestamp> =
        tombstones.filter_map(|instance| Some((instance.number_id?, instance.connected_at?))).collect();
    let mut before = None;
    loop {
        if !pace.has_time() {
            return Ok(false);
        }
        let began = Instant::now();
        let (callbacks, next) = settler.unread_callbacks.list(before.as_deref(), PAGE).await?;
        let mut deleted = 0;
        for callback in callbacks.iter().filter(|callback| is_of(callback, account, &numbers)) {
            settler.unread_callbacks.delete(&callback.id).await?;
            deleted += 1;
        }
        pace.rest(began, deleted).await; // and not for those of others, of which another account may add many
        before = next;
        if before.is_none() {
            return Ok(true);
        }
    }
}

fn is_of(callback: &UnreadCallback, account: &AccountId, numbers: &HashMap<String, Timestamp>) -> bool {
    match &callback.signed_by {
        Some(signed_by) => signed_by.values().all(|signer| signer == account),
        None => {
            let had = |number| numbers.get(number).is_some_and(|since| callback.received_at() >= Some(*since));
            !callback.number_ids.is_empty() && callback.number_ids.iter().all(had)
        }
    }
}

async fn delete_dead_letters(settler: &Settler, account: &AccountId, pace: &Pace) -> Result<bool, Error> {
    for shard in 0..DEAD_LETTER_SHARDS {
        if !pace.has_time() {
            return Ok(false);
        }
        let (began, rows) = (Instant::now(), settler.accounts.dead_letters_of_account(account, shard).await?);
        let count = rows.len();
        settler.accounts.delete_all(rows).await?;
        pace.rest(began, count).await;
    }
    Ok(true)
}

/// Deletes the delivery logs and replays of the account's webhooks, which are deleted by now.
async fn delete_logs(settler: &Settler, account: &AccountId, pace: &Pace) -> Result<bool, Error> {
    for webhook in settler.accounts.former_webhooks(account).await? {
        for partition in [ItemKey::delivery_log_partition(&webhook.id), ItemKey::replay_partition(&webhook.id)] {
            if !delete_partition(settler, account, partition, pace).await? {
                return Ok(false);
            }
        }
        // The next run, which has no more time than this one, begins with another one.
        settler.accounts.delete_all(vec![ItemKey::former_webhook(account, &webhook.id)]).await?;
    }
    Ok(true)
}

/// Deletes the items of a partition, and the objects that belong to them.
async fn delete_partition(
    settler: &Settler,
    account: &AccountId,
    partition: String,
    pace: &Pace,
) -> Result<bool, Error> {
    let mut after = " ".to_owned();
    loop {
        if !pace.has_time() {
            return Ok(false);
        }
        let began = Instant::now();
        let mut keys = settler.accounts.keys(&partition, &after, PAGE).await?;
        let Some(last) = keys.last() else { return Ok(true) };
        after.clone_from(&last.sk);
        keys.retain(|key| !KEPT.contains(&key.sk.as_str()));
        let count = keys.len();
        if partition == ItemKey::media_partition(account) {
            delete_objects(settler, account, &keys).await?;
            // An event of the outbox has the name that its customer gave to a file.
            let events = keys.iter().map(|file| ItemKey::event(&file.sk)).collect();
            settler.accounts.delete_all(events).await?;
        }
        settler.accounts.delete_all(keys).await?;
        pace.rest(began, count).await;
    }
}

/// Deletes the objects of files, before the items that lead to them.
async fn delete_objects(settler: &Settler, account: &AccountId, files: &[ItemKey]) -> Result<(), BucketError> {
    let deleted = stream::iter(files).map(async |file| match (file.sk.parse(), file.sk.parse()) {
        (Ok(media), _) => settler.bucket.delete_outbound(account, &media).await,
        (_, Ok(message)) => settler.bucket.delete_inbound(account, &message).await,
        _ => Ok(()),
    });
    deleted.buffer_unordered(CONCURRENT_OBJECTS).try_collect().await
}
