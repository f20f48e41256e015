//! How much an account has uploaded and received: the item `usage` of its partition of files.
//!
//! Bytes count from the day on which a file was created until the bucket deletes it, and no longer when they never arrived.
//! Uploads that are open count until their bytes arrive or can no longer arrive. Nothing else needs to happen for an old count to
//! end: a reservation leaves it out. Bytes of received files count from the week in which they were fetched until the bucket deletes
//! the last of that week; those of a process that crashed while it stored them, and of erased messages, count as long.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::aws::accounts_table::read;
use crate::aws::{AccountsTable, ConditionalWrite, EnvironmentError, ItemKey, TableError, UpdateBuilder, environment};
use crate::clock::Timestamp;
use crate::ids::{AccountId, MediaId, RequestId};
use crate::media::record::{ARRIVES_WITHIN, KEPT_FOR, Media};

const DAY: i64 = 24 * 60 * 60;
const WEEK: i64 = 7 * DAY;
/// Days for which bytes count: the bucket deletes an object within the day after its last one.
const COUNTED_DAYS: i64 = KEPT_FOR.as_secs() as i64 / DAY + 1;
/// Attempts at a write that others of the same account overtake.
const ATTEMPTS: u32 = 16;

/// The most that an account may have.
#[derive(Clone, Copy, Debug)]
pub struct MediaBounds {
    /// Bytes of all files that are kept.
    pub bytes: u64,
    /// Uploads whose bytes have not arrived.
    pub open_uploads: usize,
}

/// The most that an account keeps of the files that it received.
#[derive(Clone, Copy, Debug)]
pub struct ReceivedBounds {
    /// Bytes.
    pub bytes: u64,
    /// Days for which the bucket keeps them.
    pub days: i64,
}

/// Which bound a file would exceed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UsageRefusal {
    /// Bytes of all files.
    Bytes,
    /// Uploads whose bytes have not arrived.
    OpenUploads,
}

/// What an account has uploaded and received.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    /// Changes with each write.
    #[serde(default)]
    version: u64,
    /// Which write was the last.
    write: Option<String>,
    /// Bytes by the day of their creation, in days since the epoch.
    #[serde(default)]
    days: BTreeMap<String, u64>,
    /// Uploads whose bytes have not arrived, and until when they may.
    #[serde(default)]
    open: BTreeMap<MediaId, Timestamp>,
    /// Bytes of received files by the week in which they were fetched, in weeks since the epoch.
    #[serde(default)]
    received: BTreeMap<String, u64>,
}

impl MediaBounds {
    /// The template's parameters.
    pub fn from_environment() -> Result<Self, EnvironmentError> {
        let megabytes: u64 = environment::parsed("MAX_MEDIA_MEGABYTES")?;
        Ok(Self { bytes: megabytes * 1024 * 1024, open_uploads: environment::parsed("MAX_OPEN_UPLOADS")? })
    }
}

impl ReceivedBounds {
    /// The template's parameters.
    pub fn from_environment() -> Result<Self, EnvironmentError> {
        let megabytes: u64 = environment::parsed("MAX_RECEIVED_MEGABYTES")?;
        Ok(Self { bytes: megabytes * 1024 * 1024, days: environment::parsed("RETENTION_DAYS")? })
    }
}

impl Usage {
    /// Leaves out what counts no longer.
    fn expire(&mut self, now: Timestamp) {
        let first = day(now) - COUNTED_DAYS;
        self.days.retain(|day, _| day.parse::<i64>().is_ok_and(|day| day >= first));
        self.open.retain(|_, until| *until > now);
    }

    fn add(&mut self, media: &Media, bounds: MediaBounds) -> Result<(), UsageRefusal> {
        if self.open.len() >= bounds.open_uploads {
            return Err(UsageRefusal::OpenUploads);
        }
        if self.days.values().sum::<u64>() + media.size > bounds.bytes {
            return Err(UsageRefusal::Bytes);
        }
        *self.days.entry(day(media.created_at).to_string()).or_default() += media.size;
        self.open.insert(media.id.clone(), media.created_at.plus(ARRIVES_WITHIN));
        Ok(())
    }

    /// Counts a file that is being fetched. Returns whether there is room for it.
    fn add_received(&mut self, size: u64, bounds: ReceivedBounds, now: Timestamp) -> bool {
        let first = week(now) - (bounds.days + 1).div_euclid(7) - 1;
        self.received.retain(|week, _| week.parse::<i64>().is_ok_and(|week| week >= first));
        let has_room = self.received.values().sum::<u64>() + size <= bounds.bytes;
        if has_room {
            *self.received.entry(week(now).to_string()).or_default() += size;
        }
        has_room
    }

    /// Ends an open upload. Returns whether it was one.
    fn end(&mut self, media: &Media, has_arrived: bool) -> bool {
        let was_open = self.open.remove(&media.id).is_some();
        if let Some(bytes) = self.days.get_mut(&day(media.created_at).to_string())
            && was_open
            && !has_arrived
        {
            *bytes = bytes.saturating_sub(media.size);
        }
        was_open
    }
}

impl AccountsTable {
    /// Counts a new file, unless the account has as much as it may have.
    pub async fn reserve_media(
        &self,
        media: &Media,
        bounds: MediaBounds,
        now: Timestamp,
    ) -> Result<Result<(), UsageRefusal>, TableError> {
        let mut counted = Ok(());
        let change = |usage: &mut Usage| {
            usage.expire(now);
            counted = usage.add(media, bounds);
            counted.is_ok()
        };
        self.change_usage(&media.account_id, change).await?;
        Ok(counted)
    }

    /// Ends an open upload, whose bytes are here or will never be. May be repeated.
    pub async fn end_media_upload(&self, media: &Media, has_arrived: bool) -> Result<(), TableError> {
        self.change_usage(&media.account_id, |usage| usage.end(media, has_arrived)).await.map(drop)
    }

    /// Counts the bytes of a received file that is about to be stored. `false` when the account keeps as many as it may.
    pub async fn reserve_received(
        &self,
        account: &AccountId,
        size: u64,
        bounds: ReceivedBounds,
        now: Timestamp,
    ) -> Result<bool, TableError> {
        self.change_usage(account, |usage| usage.add_received(size, bounds, now)).await
    }

    /// Counts no more what was counted at `then` for a file that was not stored.
    pub async fn release_received(&self, account: &AccountId, size: u64, then: Timestamp) -> Result<(), TableError> {
        let change = |usage: &mut Usage| {
            let counted = usage.received.get_mut(&week(then).to_string());
            counted.map(|bytes| *bytes = bytes.saturating_sub(size)).is_some()
        };
        self.change_usage(account, change).await.map(drop)
    }

    /// Reads what an account has, changes it, and writes it if nothing else was written since; otherwise anew. Writes nothing, and
    /// returns `false`, when `change` does.
    async fn change_usage(
        &self,
        account: &AccountId,
        mut change: impl FnMut(&mut Usage) -> bool,
    ) -> Result<bool, TableError> {
        for _ in 0..ATTEMPTS {
            let mut usage: Usage = self.get(ItemKey::media_usage(account)).await?.unwrap_or_default();
            if !change(&mut usage) {
                return Ok(false);
            }
            if self.put_usage(account, &usage).await? {
                return Ok(true);
            }
        }
        Err(TableError::Conflict)
    }

    /// Writes what was read and changed. `false` when another write was faster.
    async fn put_usage(&self, account: &AccountId, usage: &Usage) -> Result<bool, TableError> {
        let write = RequestId::generate().to_string();
        let update = UpdateBuilder::new()
            .set("version", usage.version + 1)
            .set("write", &write)
            .set("days", &usage.days)
            .set("open", &usage.open)
            .set("received", &usage.received)
            .when_absent_or_equal("version", usage.version);
        Ok(match self.update(ItemKey::media_usage(account), &update).await? {
            ConditionalWrite::Applied(_) => true,
            // Our own write: the SDK's first attempt was applied and its response was lost.
            ConditionalWrite::Refused(Some(item)) => read::<Usage>(item)?.write == Some(write),
            ConditionalWrite::Refused(None) => false,
        })
    }
}

const fn week(time: Timestamp) -> i64 {
    time.secs().div_euclid(WEEK)
}

const fn day(time: Timestamp) -> i64 {
    time.secs().div_euclid(DAY)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::aws::test_database::{Fault, tables};
    use crate::ids::InstanceId;
    use crate::media::record::NewMedia;

    const BOUNDS: MediaBounds = MediaBounds { bytes: 100, open_uploads: 2 };

    fn media(size: u64, now: Timestamp) -> Media {
        let owner = (&AccountId::generate(), &InstanceId::generate());
        Media::new(owner, NewMedia { filename: None, mime_type: "image/png", size }, now)
    }

    #[test]
    fn bytes_count_for_as_long_as_the_bucket_keeps_them() {
        let (mut usage, now) = (Usage::default(), Timestamp::from_secs(1_000_000_000));
        assert_eq!(usage.add(&media(100, now), BOUNDS), Ok(()));
        let later = |after: Duration| {
            let mut usage = usage.clone();
            usage.expire(now.plus(after));
            usage.add(&media(1, now.plus(after)), BOUNDS)
        };
        assert_eq!(later(KEPT_FOR), Err(UsageRefusal::Bytes));
        assert_eq!(later(KEPT_FOR + Duration::from_secs(3 * DAY as u64)), Ok(()));
    }

    #[test]
    fn bytes_of_received_files_count_until_the_bucket_has_deleted_them() {
        let (bounds, now) = (ReceivedBounds { bytes: 100, days: 90 }, Timestamp::from_secs(1_000_000_000));
        let mut usage = Usage::default();
        assert!(usage.add_received(60, bounds, now) && usage.add_received(40, bounds, now), "up to the bound");
        assert!(!usage.add_received(1, bounds, now));
        for (days, has_room) in [(91, false), (91 + 14, true)] {
            let later = now.plus(Duration::from_secs(days * DAY as u64));
            assert_eq!(usage.clone().add_received(100, bounds, later), has_room, "after {days} days");
        }
    }

    #[test]
    fn an_upload_is_open_until_its_bytes_arrive_or_cannot_arrive() {
        let (mut usage, now) = (Usage::default(), Timestamp::from_secs(1_000_000_000));
        let (first, second) = (media(10, now), media(20, now));
        assert_eq!((usage.add(&first, BOUNDS), usage.add(&second, BOUNDS)), (Ok(()), Ok(())));
        assert_eq!(usage.add(&media(1, now), BOUNDS), Err(UsageRefusal::OpenUploads));
        assert!(usage.end(&first, true) && !usage.end(&first, false), "it ends once");
        assert_eq!(usage.days.values().sum::<u64>(), 30, "its bytes are here");
        assert!(usage.end(&second, false));
        assert_eq!(usage.days.values().sum::<u64>(), 10, "its bytes never came");
        assert_eq!(usage.add(&media(1, now), BOUNDS), Ok(()));
        usage.expire(now.plus(ARRIVES_WITHIN));
        assert!(usage.open.is_empty());
    }

    #[tokio::test]
    async fn bytes_count_once_when_the_answer_to_their_write_is_lost() {
        let mut writes = 0;
        let (accounts, _) = tables(move |request| {
            request.get("UpdateExpression")?;
            writes += 1;
            (writes == 1).then_some(Fault::AnswerLost) // the SDK repeats it
        })
        .await;
        let (account, now) = (AccountId::generate(), Timestamp::from_secs(1_000_000_000));
        let bounds = ReceivedBounds { bytes: 100, days: 90 };
        let reserve = |size| accounts.reserve_received(&account, size, bounds, now);
        assert!(reserve(40).await.expect("an answer"));
        assert!(!reserve(61).await.expect("an answer") && reserve(60).await.expect("an answer"));
    }
}
