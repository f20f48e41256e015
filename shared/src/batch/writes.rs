//! Every write that changes a batch, each with its condition.

use crate::aws::accounts_table::read;
use crate::aws::{AccountsTable, ConditionalWrite, Item, ItemKey, TableError, UpdateBuilder};
use crate::batch::counts::BatchCounts;
use crate::batch::events;
use crate::batch::instance_history::BatchOfInstance;
use crate::batch::list::ListedBatch;
use crate::batch::open_batch::OpenBatch;
use crate::batch::record::{Batch, BatchState};
use crate::clock::Timestamp;
use crate::ids::{AccountId, BatchId};

/// What became of the acceptance of a batch.
#[derive(Debug)]
pub enum Opened {
    /// It is accepted.
    Accepted,
    /// Another request, or `settle`, has taken it over.
    Changed,
}

impl AccountsTable {
    /// Reads a batch, strongly consistent. None of another account's is found.
    pub async fn batch(&self, account: &AccountId, id: &BatchId) -> Result<Option<Batch>, TableError> {
        self.get(ItemKey::batch(account, id)).await
    }

    /// Begins to record a batch. Refused with the batch that has its id already, unless that is this very write.
    pub async fn begin_batch(&self, batch: &Batch) -> Result<ConditionalWrite<(), Option<Batch>>, TableError> {
        self.write_batch(batch, |update| update.when_absent("id")).await
    }

    /// Takes over a batch that broke off. Refused when another request, or `settle`, was faster.
    pub async fn resume_batch(
        &self,
        batch: &Batch,
        broken_off: &str,
    ) -> Result<ConditionalWrite<(), Option<Batch>>, TableError> {
        let is_still_so =
            |update: UpdateBuilder| update.when_equal("nonce", broken_off).when_equal("state", BatchState::Recording);
        self.write_batch(batch, is_still_so).await
    }

    async fn write_batch(
        &self,
        batch: &Batch,
        conditions: impl Fn(UpdateBuilder) -> UpdateBuilder,
    ) -> Result<ConditionalWrite<(), Option<Batch>>, TableError> {
        let item: Item = serde_dynamo::to_item(batch)?;
        let update = item.into_iter().fold(UpdateBuilder::new(), |put, (name, value)| put.set_value(&name, value));
        // That of the request before, if this one came when it had passed.
        let update = if batch.send_at.is_none() { update.remove("sendAt") } else { update };
        Ok(match self.update(batch.key(), &conditions(update)).await? {
            ConditionalWrite::Applied(_) => ConditionalWrite::Applied(()),
            ConditionalWrite::Refused(existing) => match existing.map(read::<Batch>).transpose()? {
                // The SDK's first attempt was applied and its response was lost.
                Some(existing) if existing.nonce == batch.nonce => ConditionalWrite::Applied(()),
                existing => ConditionalWrite::Refused(existing),
            },
        })
    }

    /// Accepts a batch whose messages are recorded: from now on they are sent. All of it or nothing.
    pub async fn accept_batch(&self, batch: &Batch) -> Result<Opened, TableError> {
        let accepted = UpdateBuilder::new()
            .set("state", BatchState::Accepted)
            .set("accepted", batch.accepted)
            .set("rejections", &batch.rejections)
            .when_equal("nonce", &batch.nonce)
            .when_equal("state", BatchState::Recording);
        let (open, listed, in_history) = (OpenBatch::new(batch), ListedBatch::new(batch), BatchOfInstance::new(batch));
        let writes = vec![
            self.update_in_transaction(batch.key(), &accepted),
            self.put_in_transaction(open.key(), &open)?,
            self.put_in_transaction(listed.key(batch), &listed)?,
            self.put_in_transaction(BatchOfInstance::key(batch), &in_history)?,
        ];
        Ok(match self.transact(writes).await? {
            ConditionalWrite::Applied(()) => Opened::Accepted,
            ConditionalWrite::Refused(_) => Opened::Changed,
        })
    }

    /// Notes that the messages of the rows before `next` were enqueued, and when there is something to do again. Not of a batch
    /// that was cancelled meanwhile: there is something to do about it now.
    pub async fn advance_batch(&self, open: &OpenBatch, next: u16, due: Timestamp) -> Result<(), TableError> {
        let advanced = UpdateBuilder::new().set("next", next).set("due", due.millis());
        let advanced = as_canceled_as(open, advanced).when_equal("next", open.next).when_present("id");
        self.update(open.key(), &advanced).await.map(drop)
    }

    /// Notes that nothing is left to be sent of the rows before `ended`, and when it is looked at again. Not of a batch that was
    /// cancelled meanwhile, as above.
    pub async fn note_look_at_batch(&self, open: &OpenBatch, ended: u16, now: Timestamp) -> Result<(), TableError> {
        let noted = UpdateBuilder::new().set("ended", ended).set("looks", open.looks + 1);
        let noted = noted.set("due", now.plus(open.pause()).millis()).when_equal("looks", open.looks);
        self.update(open.key(), &as_canceled_as(open, noted)).await.map(drop)
    }

    /// Cancels a batch: nothing of it is enqueued any more, and `settle` cancels what is still queued. `false` when it is complete.
    pub async fn cancel_batch(&self, batch: &Batch, now: Timestamp) -> Result<bool, TableError> {
        let canceled = UpdateBuilder::new().set_once("canceledAt", now).when_absent("completedAt");
        let canceled = canceled.when_equal("state", BatchState::Accepted);
        let open = UpdateBuilder::new().set("isCanceled", true).set("due", now.millis()).when_present("id");
        let open_key = OpenBatch::new(batch).key();
        let writes =
            vec![self.update_in_transaction(batch.key(), &canceled), self.update_in_transaction(open_key, &open)];
        Ok(self.transact(writes).await?.is_applied())
    }

    /// Notes that nothing of a batch is left to be sent, and publishes it: once, however often it is called.
    pub async fn complete_batch(&self, batch: &Batch, counts: &BatchCounts, now: Timestamp) -> Result<(), TableError> {
        let completed = UpdateBuilder::new().set("completedAt", now).when_absent("completedAt").when_present("id");
        let event = events::completed(batch, counts, now);
        let writes = vec![
            self.update_in_transaction(batch.key(), &completed),
            self.delete_in_transaction(OpenBatch::new(batch).key()),
            self.put_event_in_transaction(&event)?,
        ];
        match self.transact(writes).await? {
            ConditionalWrite::Applied(()) => tracing::info!(batch_id = %batch.id, "batch.completed"),
            ConditionalWrite::Refused(_) => {
                self.delete(OpenBatch::new(batch).key()).await?; // it was complete already
            }
        }
        Ok(())
    }
}

/// Requires that a batch was not cancelled since it was read.
fn as_canceled_as(open: &OpenBatch, update: UpdateBuilder) -> UpdateBuilder {
    update.when_absent_or_equal("isCanceled", open.is_canceled)
}
