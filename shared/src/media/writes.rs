//! Every write that changes a file's status, each with its condition. A file that is ready or has failed changes no more.

use crate::aws::accounts_table::read;
use crate::aws::{AccountsTable, ConditionalWrite, ItemKey, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{AccountId, MediaId};
use crate::media::events;
use crate::media::record::{Media, MediaStatus};
use crate::message::Failure;

/// Set while a file is neither ready nor failed.
const OPEN: &str = "open";

impl AccountsTable {
    /// Reads a file's record, strongly consistent. None of another account's is found.
    pub async fn media(&self, account: &AccountId, id: &MediaId) -> Result<Option<Media>, TableError> {
        self.get(ItemKey::media(account, id)).await
    }

    /// Reads the same for half the price; a write of the last second may be missed.
    pub async fn media_eventually(&self, account: &AccountId, id: &MediaId) -> Result<Option<Media>, TableError> {
        self.get_eventually(ItemKey::media(account, id)).await
    }

    /// Inserts the record of a new file.
    pub async fn put_media(&self, media: &Media) -> Result<(), TableError> {
        self.put(media.key(), media).await
    }

    /// Notes that a file's bytes are here, so that messages may name it before its turn to be uploaded comes.
    pub async fn note_media_arrival(
        &self,
        account: &AccountId,
        id: &MediaId,
        now: Timestamp,
    ) -> Result<(), TableError> {
        let update = arrived(now).when_equal("status", MediaStatus::Waiting);
        self.update(ItemKey::media(account, id), &update).await.map(drop)
    }

    /// Takes a file for an attempt, until `lease`. None when another process has it, or when it is ready or has failed.
    pub async fn claim_media(
        &self,
        media: &Media,
        now: Timestamp,
        lease: Timestamp,
    ) -> Result<Option<Media>, TableError> {
        let update = arrived(now).set("lease", lease).add("attempt", 1);
        let update = update.when_present(OPEN).when_absent_or_at_most("lease", now);
        match self.update(media.key(), &update).await? {
            ConditionalWrite::Applied(item) => read(item).map(Some),
            ConditionalWrite::Refused(_) => Ok(None),
        }
    }

    /// Ends an attempt whose file is to be offered again.
    pub async fn release_media(&self, media: &Media) -> Result<(), TableError> {
        let update = UpdateBuilder::new().remove("lease").when_present(OPEN).when_equal("attempt", media.attempt);
        self.update(media.key(), &update).await.map(drop)
    }

    /// WhatsApp has the file. `false` when it was ready or had failed before.
    pub async fn media_is_ready(&self, media: &Media, provider_id: &str, now: Timestamp) -> Result<bool, TableError> {
        let update = UpdateBuilder::new().set("status", MediaStatus::Ready).set("providerId", provider_id);
        self.finish(media, update, events::ready(media, now)).await
    }

    /// The file cannot be sent. `false` when it was ready or had failed before.
    pub async fn media_has_failed(&self, media: &Media, failure: &Failure, now: Timestamp) -> Result<bool, TableError> {
        let update = UpdateBuilder::new().set("status", MediaStatus::Failed).set("error", failure);
        self.finish(media, update, events::failed(media, failure, now)).await
    }

    /// Ends an open file, in one transaction with its event.
    async fn finish(
        &self,
        media: &Media,
        update: UpdateBuilder,
        event: crate::event::Event,
    ) -> Result<bool, TableError> {
        let update = update.remove(OPEN).remove("lease").when_present(OPEN);
        let writes = vec![self.update_in_transaction(media.key(), &update), self.put_event_in_transaction(&event)?];
        Ok(self.transact(writes).await?.is_applied())
    }
}

fn arrived(now: Timestamp) -> UpdateBuilder {
    UpdateBuilder::new().set("status", MediaStatus::Uploading).set_once("arrivedAt", now)
}
