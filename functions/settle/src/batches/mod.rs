//! Open batches: every minute, and when one was accepted, `settle` enqueues the next messages of each instance's batches in
//! turn, and looks whether those that are under way have ended.

mod fed_people;
mod feed;
mod look;
mod next_runs;
mod rows;
mod undeliverable;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, SystemTime};

use futures::stream::{self, StreamExt};
use shared::aws::{ProcessingError, TableError};
use shared::batch::{BATCH_SHARDS, OpenBatch};
use shared::clock::{self, Timestamp};
use shared::ids::{AccountId, InstanceId};
use shared::ledger::TABLE_WAIT;
use shared::message::BatchesOf;

pub use fed_people::FedPeople;
pub use next_runs::NextRuns;

use crate::settler::Settler;

/// Instances that are fed at the same time, and batches that are looked at.
const MAX_CONCURRENCY: usize = 16;
/// No instance is begun with less time left.
const INSTANCE_TIME: Duration = Duration::from_secs(10);
/// No batch is begun with less time left: a cancelled one may have a thousand messages to cancel.
const BATCH_TIME: Duration = Duration::from_secs(5);
/// Batches of one instance that a run ends at most, more than there is time for: an account may have a thousand of each of its instances.
const MAX_LEFT: usize = 128;
/// How far apart clocks may be.
const CLOCK_ERROR: Duration = Duration::from_secs(5);

/// Serves the batches with something to do: enqueues first, since what is late there is sent late. What fails is repeated a minute later; a
/// run that has too little time for all begins with the one that waits longest.
pub async fn serve_all(settler: &Settler, deadline: SystemTime) -> Result<(), TableError> {
    let now = clock::now();
    let (mut due, mut begin, mut failed) = (BTreeSet::new(), BTreeMap::new(), None);
    for number in 0..BATCH_SHARDS {
        let of_shard = match settler.accounts.due_batches(number, now.plus(TABLE_WAIT)).await {
            Ok(of_shard) => of_shard,
            Err(error) => {
                failed = Some(error); // the others are served all the same
                continue;
            }
        };
        for open in of_shard {
            let begins_at = open.begins_at().filter(|send_at| *send_at > now);
            let OpenBatch { due: since, account_id, instance_id, .. } = open;
            match begins_at {
                Some(at) => drop(begin.insert((at.secs(), instance_id.clone()), (account_id, instance_id, at))),
                None => drop(due.insert((since, account_id, instance_id))),
            }
        }
    }
    schedule_begin(settler, begin.into_values()).await;
    let mut seen = BTreeSet::new();
    let instances = due.into_iter().filter(|(_, _, instance)| seen.insert(instance.clone()));
    let fed = stream::iter(instances).map(|(_, account_id, instance_id)| async move {
        if SystemTime::now() + INSTANCE_TIME >= deadline {
            return Vec::new();
        }
        let of = BatchesOf { account_id, instance_id };
        feed_open(settler, &of).await.unwrap_or_else(|error| {
            tracing::error!(instance_id = %of.instance_id, %error, "batches.feed_failed");
            Vec::new()
        })
    });
    let left = fed.buffer_unordered(MAX_CONCURRENCY).concat().await;
    let ended = stream::iter(in_rounds(left)).for_each_concurrent(MAX_CONCURRENCY, |left| async move {
        if SystemTime::now() + BATCH_TIME >= deadline {
            return;
        }
        let ended = match &left {
            Left::Undeliverable(open) => undeliverable::fail(settler, open, deadline).await,
            Left::UnderWay(open) => look::look_at(settler, open, deadline).await,
        };
        if let Err(error) = ended {
            tracing::error!(batch_id = %left.batch().id, %error, "batch.settle_failed");
        }
    });
    ended.await;
    failed.map_or(Ok(()), Err)
}

/// What is left to do about a batch of which nothing is to be enqueued.
enum Left {
    /// Its messages cannot leave any more.
    Undeliverable(OpenBatch),
    /// Its messages have left, or it was cancelled.
    UnderWay(OpenBatch),
}

impl Left {
    fn batch(&self) -> &OpenBatch {
        let (Self::Undeliverable(batch) | Self::UnderWay(batch)) = self;
        batch
    }
}

/// Orders what is left so that accounts take turns, each with what waits longest: one that has much of it delays each other one by a batch
/// at a time.
fn in_rounds(mut left: Vec<Left>) -> Vec<Left> {
    left.sort_by_key(|left| left.batch().due);
    let mut rounds: HashMap<AccountId, usize> = HashMap::new();
    let numbered = left.into_iter().map(|left| {
        let round = rounds.entry(left.batch().account_id.clone()).or_default();
        *round += 1;
        (*round, left)
    });
    let mut numbered: Vec<(usize, Left)> = numbered.collect();
    numbered.sort_by_key(|(round, _)| *round);
    numbered.into_iter().map(|(_, left)| left).collect()
}

/// Has instances served at their batches' `sendAt`, those of a second together. No slot is booked before it: batches that leave until then
/// would wait behind it.
async fn schedule_begin(settler: &Settler, begin: impl IntoIterator<Item = (AccountId, InstanceId, Timestamp)>) {
    for (account_id, instance_id, at) in begin {
        let of = BatchesOf { account_id, instance_id };
        if let Err(error) = settler.queues.settle.feed_batches(&of, clock::now().until(at)).await {
            tracing::error!(instance_id = %of.instance_id, %error, "batches.announce_failed");
        }
    }
}

/// Enqueues the next messages of an instance's batches, when one was accepted and while some leave. The rest is the schedule's: it would
/// delay what comes from the queue for others.
pub async fn serve(settler: &Settler, of: &BatchesOf) -> Result<(), ProcessingError> {
    let now = clock::now();
    let open = settler.accounts.open_batches(&of.account_id, &of.instance_id).await?;
    let soon = begins_soon(&open, now);
    feed::feed(settler, of, &waiting(open).0, now).await?;
    match soon {
        Some(at) => Ok(settler.queues.settle.feed_batches(of, now.until(at)).await?),
        None => Ok(()),
    }
}

/// When the next batch begins, if a clock that is ahead of this one may have scheduled this very run for it.
fn begins_soon(open: &[OpenBatch], now: Timestamp) -> Option<Timestamp> {
    let later = open.iter().filter(|batch| !batch.is_canceled && !feed::is_due(batch, now));
    later.filter_map(OpenBatch::begins_at).filter(|at| *at <= now.plus(CLOCK_ERROR)).min()
}

/// The same for the schedule. Returns what is left to do.
async fn feed_open(settler: &Settler, of: &BatchesOf) -> Result<Vec<Left>, ProcessingError> {
    let now = clock::now();
    let (waiting, mut under_way) = waiting(settler.accounts.open_batches(&of.account_id, &of.instance_id).await?);
    let undeliverable = feed::feed(settler, of, &waiting, now).await?.into_iter().cloned().map(Left::Undeliverable);
    under_way.retain(|batch| batch.due <= now.millis());
    under_way.sort_by_key(|batch| batch.due);
    Ok(under_way.into_iter().map(Left::UnderWay).chain(undeliverable).take(MAX_LEFT).collect())
}

/// The batches of which messages are to be enqueued, the oldest first, and the others.
fn waiting(mut open: Vec<OpenBatch>) -> (Vec<OpenBatch>, Vec<OpenBatch>) {
    open.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    open.into_iter().partition(|batch| !batch.is_canceled && batch.left() > 0)
}

#[cfg(test)]
mod tests {
    use shared::ids::BatchId;

    use super::*;

    /// An open batch of which so many rows were enqueued.
    pub fn batch(recipients: u16, next: u16) -> OpenBatch {
        OpenBatch {
            id: BatchId::generate(),
            account_id: AccountId::generate(),
            instance_id: InstanceId::generate(),
            recipients,
            next,
            ended: 0,
            looks: 0,
            created_at: Timestamp::from_secs(1),
            send_at: None,
            deadline: Timestamp::from_secs(2),
            is_canceled: false,
            waits: String::new(),
            due: 0,
        }
    }

    #[test]
    fn a_batch_whose_run_comes_too_early_is_scheduled_again_and_no_other() {
        let now = Timestamp::from_secs(1_000);
        let at = |millis: i64| {
            let send_at = Timestamp::from_millis(now.millis() + millis);
            OpenBatch { send_at: Some(send_at), due: send_at.millis(), ..batch(10, 0) }
        };
        let begins = |open: &[OpenBatch]| begins_soon(open, now).map(|at| at.millis() - now.millis());
        assert_eq!(begins(&[at(4_000), at(2_000), batch(10, 0)]), Some(2_000));
        for other in [at(500), at(6_000), at(-1_000), OpenBatch { is_canceled: true, ..at(2_000) }] {
            assert_eq!(begins(std::slice::from_ref(&other)), None, "{other:?}");
        }
    }

    #[test]
    fn accounts_take_turns_whatever_one_has_left() {
        let (one, other) = (AccountId::generate(), AccountId::generate());
        let left = |account: &AccountId| Left::UnderWay(OpenBatch { account_id: account.clone(), ..batch(1, 1) });
        let ordered = in_rounds(vec![left(&one), left(&one), left(&one), left(&other)]);
        let accounts: Vec<&AccountId> = ordered.iter().map(|left| &left.batch().account_id).collect();
        assert_eq!(accounts, [&one, &other, &one, &one]);
    }
}
