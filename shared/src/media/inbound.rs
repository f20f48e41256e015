//! Files of received messages: the items `media#acc_…`/`msg_…`, each beside its object under `inbound/`.
//!
//! WhatsApp keeps a received file for 7 days (whatsapp-cloud-api-2026, section 5). It is fetched when a customer first asks for it, or
//! when it comes, and then kept in the bucket as long as its message. An erasure deletes both; who fetches looks for the message after it
//! has stored the object, and deletes the object if the message was erased meanwhile.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::aws::accounts_table::read;
use crate::aws::{AccountsTable, ConditionalWrite, FORGET_AT, ItemKey, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{AccountId, MessageId};

/// How long after a request for a file the next one enqueues its job again: the first job may be lost, or may have been given up.
pub const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(60);
/// How long after a request a file is fetched again, while WhatsApp does not give it for the moment: longer than its outages are, since
/// nobody asks again for a file that is fetched when it comes.
pub const FETCHED_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// See [`InboundFile::is_over_bound`].
const IS_OVER_BOUND: &str = "isOverBound";

/// How far the file of a received message has come.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum InboundStatus {
    /// It is being fetched.
    Fetching,
    /// It is in the bucket.
    Stored,
    /// WhatsApp has it no more.
    Gone,
}

/// The file of a received message.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InboundFile {
    /// How far it has come.
    pub status: InboundStatus,
    /// When it was last asked for, before it was stored.
    pub requested_at: Timestamp,
    /// Attempts to fetch it.
    #[serde(default)]
    pub attempt: u32,
    /// Until when the process of the current attempt has it.
    pub lease: Option<Timestamp>,
    /// Set if the account had as many bytes of received files as it may have when it was last fetched.
    #[serde(default)]
    pub is_over_bound: bool,
}

impl InboundFile {
    /// Whether the job that was made at `request` still has to fetch it. Each request makes a job that comes again for a day: those of
    /// earlier requests end, or a file that is asked for every minute would have a thousand.
    pub fn is_awaited(&self, request: Option<Timestamp>, now: Timestamp) -> bool {
        let is_last = request.is_none_or(|request| request == self.requested_at);
        self.status == InboundStatus::Fetching && is_last && now < self.requested_at.plus(FETCHED_FOR)
    }
}

impl AccountsTable {
    /// The file of a received message; none if it was never asked for.
    pub async fn inbound_file(
        &self,
        account: &AccountId,
        message: &MessageId,
    ) -> Result<Option<InboundFile>, TableError> {
        self.get(ItemKey::inbound_media(account, message)).await
    }

    /// Notes that a file is asked for, until `forget_at` in seconds since the epoch, when its message is forgotten. Returns whether its
    /// job is to be enqueued: not for as long as one was enqueued a moment ago, nor when the file is stored or gone.
    pub async fn request_inbound_file(
        &self,
        (account, message): (&AccountId, &MessageId),
        forget_at: i64,
        now: Timestamp,
    ) -> Result<bool, TableError> {
        let update = UpdateBuilder::new()
            .set("status", InboundStatus::Fetching)
            .set("requestedAt", now)
            .set(FORGET_AT, forget_at)
            .remove(IS_OVER_BOUND)
            .when_absent_or_equal("status", InboundStatus::Fetching)
            .when_absent_or_at_most("requestedAt", now.minus(ASKED_AGAIN_AFTER));
        match self.update(ItemKey::inbound_media(account, message), &update).await? {
            ConditionalWrite::Applied(_) => Ok(true),
            // Our own: the SDK's first attempt was applied and its response was lost. Another process would have its own millisecond.
            ConditionalWrite::Refused(Some(item)) => Ok(read::<InboundFile>(item)?.requested_at == now),
            ConditionalWrite::Refused(None) => Ok(false),
        }
    }

    /// Takes a file for an attempt, until `lease`. None when another process has it, or when it is stored, gone or erased.
    pub async fn claim_inbound_file(
        &self,
        (account, message): (&AccountId, &MessageId),
        now: Timestamp,
        lease: Timestamp,
    ) -> Result<Option<InboundFile>, TableError> {
        let update = UpdateBuilder::new().set("lease", lease).add("attempt", 1);
        let update = update.when_equal("status", InboundStatus::Fetching).when_absent_or_at_most("lease", now);
        match self.update(ItemKey::inbound_media(account, message), &update).await? {
            ConditionalWrite::Applied(item) => read(item).map(Some),
            ConditionalWrite::Refused(_) => Ok(None),
        }
    }

    /// Ends an attempt: the file is stored or gone, or is to be fetched again.
    pub async fn end_inbound_attempt(
        &self,
        (account, message): (&AccountId, &MessageId),
        attempt: u32,
        status: InboundStatus,
    ) -> Result<(), TableError> {
        let update = UpdateBuilder::new().set("status", status).remove("lease").when_equal("attempt", attempt);
        self.update(ItemKey::inbound_media(account, message), &update).await.map(drop)
    }

    /// Ends an attempt at a file that the account has no room for. It can be asked for again.
    pub async fn note_over_bound(
        &self,
        (account, message): (&AccountId, &MessageId),
        attempt: u32,
    ) -> Result<(), TableError> {
        let update = UpdateBuilder::new().set(IS_OVER_BOUND, true).remove("lease").when_equal("attempt", attempt);
        self.update(ItemKey::inbound_media(account, message), &update).await.map(drop)
    }

    /// Deletes what is known of the file of an erased message.
    pub async fn delete_inbound_file(&self, account: &AccountId, message: &MessageId) -> Result<(), TableError> {
        self.delete(ItemKey::inbound_media(account, message)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::test_database::{Fault, tables};

    #[tokio::test]
    async fn a_request_whose_write_lost_its_answer_makes_its_job() {
        let mut writes = 0;
        let (accounts, _) = tables(move |request| {
            request.get("UpdateExpression")?;
            writes += 1;
            (writes == 1).then_some(Fault::AnswerLost) // the SDK repeats it
        })
        .await;
        let (account, message, now) =
            (AccountId::generate(), MessageId::generate(), Timestamp::from_secs(1_000_000_000));
        let request = |now: Timestamp| accounts.request_inbound_file((&account, &message), now.secs() + 60, now);
        assert!(request(now).await.expect("an answer"), "the job of an earlier request ends");
        let a_moment_later = now.plus(std::time::Duration::from_secs(1));
        assert!(!request(a_moment_later).await.expect("an answer"));
    }

    #[test]
    fn of_the_jobs_for_a_file_only_that_of_the_last_request_goes_on() {
        let (first, last) = (Timestamp::from_secs(1_000_000_000), Timestamp::from_secs(1_000_000_060));
        let status = InboundStatus::Fetching;
        let file = InboundFile { status, requested_at: last, attempt: 1, lease: None, is_over_bound: false };
        assert!(!file.is_awaited(Some(first), last) && file.is_awaited(Some(last), last));
        assert!(file.is_awaited(None, last), "a job of an earlier version");
        assert!(!file.is_awaited(Some(last), last.plus(FETCHED_FOR)), "nobody has asked for a day");
        assert!(!InboundFile { status: InboundStatus::Stored, ..file }.is_awaited(Some(last), last));
    }
}
