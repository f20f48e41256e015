//! Open batches: every minute, and when one was accepted, `settle` enqueues the next messages of each instance's batches in
//! turn, and looks whether those that are under way have ended.

mod announced_runs;
mod feed;
mod look;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use futures::stream::{self, StreamExt};
use shared::aws::{ProcessingError, TableError};
use shared::batch::{BATCH_SHARDS, OpenBatch};
use shared::clock::{self, Timestamp};
use shared::ids::{AccountId, InstanceId};
use shared::ledger::TABLE_WAIT;
use shared::message::BatchesOf;

pub use announced_runs::AnnouncedRuns;

use crate::settler::Settler;

/// Instances that are served at the same time.
const MAX_CONCURRENCY: usize = 16;
/// No instance is begun with less time left.
const INSTANCE_TIME: Duration = Duration::from_secs(10);
/// No batch is looked at with less time left: a cancelled one may have a thousand messages to cancel.
const LOOK_TIME: Duration = Duration::from_secs(5);

/// Serves the batches with something to do. What fails is repeated a minute later; a run that has too little time for all begins
/// with the one that waits longest.
pub async fn settle(settler: &Settler, deadline: SystemTime) -> Result<(), TableError> {
    let now = clock::now();
    let (mut due, mut begin) = (BTreeSet::new(), BTreeMap::new());
    for number in 0..BATCH_SHARDS {
        for open in settler.accounts.due_batches(number, now.plus(TABLE_WAIT)).await? {
            let begins_at = open.begins_at().filter(|send_at| *send_at > now);
            let OpenBatch { due: since, account_id, instance_id, .. } = open;
            match begins_at {
                Some(at) => drop(begin.insert((at.secs(), instance_id.clone()), (account_id, instance_id, at))),
                None => drop(due.insert((since, account_id, instance_id))),
            }
        }
    }
    announce(settler, begin.into_values()).await;
    let mut seen = BTreeSet::new();
    let instances = due.into_iter().filter(|(_, _, instance)| seen.insert(instance.clone()));
    let instances: Vec<(AccountId, InstanceId)> = instances.map(|(_, account, instance)| (account, instance)).collect();
    let served = stream::iter(instances).for_each_concurrent(MAX_CONCURRENCY, |(account_id, batches_of)| async move {
        if SystemTime::now() + INSTANCE_TIME >= deadline {
            return;
        }
        let of = BatchesOf { account_id, batches_of };
        if let Err(error) = serve(settler, &of, deadline).await {
            tracing::error!(instance_id = %of.batches_of, %error, "batches.settle_failed");
        }
    });
    served.await;
    Ok(())
}

/// Has instances served at their batches' `sendAt`, those of a second together. No slot is booked before it: batches that leave until then
/// would wait behind it.
async fn announce(settler: &Settler, begin: impl IntoIterator<Item = (AccountId, InstanceId, Timestamp)>) {
    for (account_id, batches_of, at) in begin {
        let of = BatchesOf { account_id, batches_of };
        if let Err(error) = settler.queues.feed_batches(&of, clock::now().until(at)).await {
            tracing::error!(instance_id = %of.batches_of, %error, "batches.announce_failed");
        }
    }
}

/// Serves the batches of one instance: enqueues first, since what is late there is sent late. Looks for which there is no time
/// are made by the next run.
pub async fn serve(settler: &Settler, of: &BatchesOf, deadline: SystemTime) -> Result<(), ProcessingError> {
    let mut open = settler.accounts.open_batches(&of.account_id, &of.batches_of).await?;
    open.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    let now = clock::now();
    let (under_way, waiting): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|batch| batch.is_canceled || batch.left() == 0);
    feed::feed(settler, of, &waiting, now).await?;
    let mut due: Vec<_> = under_way.into_iter().filter(|batch| batch.due <= now.millis()).collect();
    due.sort_by_key(|batch| batch.due);
    for batch in due {
        if SystemTime::now() + LOOK_TIME >= deadline {
            break;
        }
        look::look_at(settler, &batch).await?;
    }
    Ok(())
}
