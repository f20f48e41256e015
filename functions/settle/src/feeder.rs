//! The feeder: enqueues messages that wait in the table a minute or two before they are due. `deliver` hides them until then,
//! so that they leave at their second.
//!
//! A message stays in the index until it is claimed, and the deduplication of the queue drops it when it is enqueued again
//! within five minutes. What this process has enqueued it leaves alone for longer and longer; without that memory it is
//! enqueued once more, which does no harm.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use futures::stream::{self, StreamExt};
use shared::aws::ProcessingError;
use shared::clock::{self, Timestamp};
use shared::ids::InstanceId;
use shared::ledger::{Lane, TABLE_WAIT};
use shared::message::queue_entry::batches;
use shared::message::{QueueEntry, WAITING_SHARDS, WaitingMessage};
use shared::mutex::lock;

use crate::scheduled;
use crate::settler::Settler;

/// Shards that are read concurrently.
const MAX_CONCURRENCY: usize = 8;
/// By how many shards a run begins further than the one a minute before it: as many as are read concurrently.
const SHARDS_OF_A_MINUTE: u32 = 8;
/// Messages that are read together.
const PAGE: i32 = 500;
/// No page is begun with less time left.
const PAGE_TIME: Duration = Duration::from_secs(5);
/// Seconds of a number's rate that one run enqueues: what waited together for the end of a pause leaves over some minutes,
/// and should not have to be put back into the table.
const SECONDS: u32 = 60;

/// Messages of an instance without a number that one run enqueues, to fail.
const MOST_TO_FAIL: u32 = 80 * SECONDS;
/// Messages of an instance that is being probed that one run enqueues, of its batches or of others: one of them shows whether
/// anything leaves again. More would go round between queue and table, before those of other numbers.
pub const PROBES: u8 = 10;

/// What one run may still enqueue of each instance, and which have no number.
#[derive(Default)]
struct Quotas {
    left: Mutex<HashMap<InstanceId, u32>>,
    without_number: Mutex<HashSet<InstanceId>>,
}

impl Quotas {
    fn take(&self, instance: &InstanceId, most: u32) -> bool {
        let mut all = lock(&self.left);
        let left = all.entry(instance.clone()).or_insert(most);
        let is_left = *left > 0;
        *left = left.saturating_sub(1);
        is_left
    }
}

/// Enqueues what is due within two minutes, as far as there is time until `deadline`. After an error in a shard, the next
/// minute enqueues the rest of it.
pub async fn feed(settler: &Settler, deadline: SystemTime) -> Result<(), ProcessingError> {
    if !settler.messages.any_waits().await? {
        return Ok(());
    }
    let quotas = &Quotas::default();
    let shards = stream::iter(shards_in_turn(clock::now())).map(|shard| feed_shard(settler, quotas, shard, deadline));
    let fed: Vec<_> = shards.buffer_unordered(MAX_CONCURRENCY).collect().await;
    fed.into_iter().collect()
}

/// All shards, others first in each minute: one full of what cannot leave may take all the time.
fn shards_in_turn(now: Timestamp) -> impl Iterator<Item = u32> {
    let minute = u32::try_from(now.secs() / 60 % i64::from(WAITING_SHARDS)).unwrap_or_default();
    (0..WAITING_SHARDS).map(move |turn| (minute * SHARDS_OF_A_MINUTE + turn) % WAITING_SHARDS)
}

/// Enqueues a shard in its order. It stops at the first error: a message must not be enqueued before an earlier one of its
/// conversation.
async fn feed_shard(
    settler: &Settler,
    quotas: &Quotas,
    shard: u32,
    deadline: SystemTime,
) -> Result<(), ProcessingError> {
    let now = clock::now();
    let mut next = None;
    while SystemTime::now() + PAGE_TIME < deadline {
        let (waiting, after) = settler.messages.waiting(shard, now.plus(TABLE_WAIT), next, PAGE).await?;
        let mut due = Vec::new();
        for message in waiting {
            if settler.fed.may_enqueue(&message, now) && may_leave(settler, quotas, &message, now).await? {
                due.push(message);
            }
        }
        let (scheduled, due): (Vec<_>, Vec<_>) = due.into_iter().partition(|message| message.not_before().is_some());
        scheduled::schedule(settler, &scheduled).await?;
        for lane in [Lane::Express, Lane::Bulk] {
            let entries = due.iter().filter(|message| message.lane() == lane).map(QueueEntry::from);
            for batch in batches(entries.collect()) {
                settler.queues.enqueue_batch(lane, &batch).await?;
            }
        }
        settler.fed.remember_scheduled(&scheduled, now);
        settler.fed.remember_enqueued(&due, now);
        next = after;
        if next.is_none() {
            break;
        }
    }
    Ok(())
}

/// Whether a message's instance is not paused for longer, and has not used up what this run enqueues of it. One that expires
/// meanwhile is enqueued, so that `deliver` fails it.
async fn may_leave(
    settler: &Settler,
    quotas: &Quotas,
    message: &WaitingMessage,
    now: Timestamp,
) -> Result<bool, ProcessingError> {
    // Nothing is remembered of those without a number but in a run: each of their messages would cost a read.
    if lock(&quotas.without_number).contains(&message.instance_id) {
        return Ok(quotas.take(&message.instance_id, MOST_TO_FAIL));
    }
    let instance = settler.instances.get(&message.account_id, &message.instance_id).await?;
    let Some((instance, number)) = instance.as_ref().and_then(|it| Some((it, it.connected_number()?))) else {
        lock(&quotas.without_number).insert(message.instance_id.clone());
        return Ok(quotas.take(&message.instance_id, MOST_TO_FAIL)); // it fails
    };
    if instance.is_stopped_for_longer(TABLE_WAIT, now) {
        return Ok(message.deadline < now.plus(TABLE_WAIT));
    }
    Ok(quotas.take(&message.instance_id, if instance.is_probed() { PROBES.into() } else { number.rate * SECONDS }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_shard_is_among_the_first_in_some_minute() {
        let minutes = WAITING_SHARDS / SHARDS_OF_A_MINUTE;
        let first = |minute: u32| shards_in_turn(Timestamp::from_secs(i64::from(minute) * 60)).take(MAX_CONCURRENCY);
        let begun: BTreeSet<u32> = (0..minutes).flat_map(first).collect();
        assert_eq!(begun, (0..WAITING_SHARDS).collect());
        let all: BTreeSet<u32> = shards_in_turn(Timestamp::from_secs(61)).collect();
        assert_eq!(all.len(), usize::try_from(WAITING_SHARDS).expect("a few"));
    }
}
