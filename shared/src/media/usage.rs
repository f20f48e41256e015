//! How much an account has uploaded: the item `usage` of its partition of files.
//!
//! Bytes count from the day on which a file was created until the bucket deletes it, and no longer when they never arrived.
//! Uploads that are open count until their bytes arrive or can no longer arrive. Nothing else needs to happen for an old count to
//! end: a reservation leaves it out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::aws::{AccountsTable, EnvironmentError, ItemKey, TableError, UpdateBuilder, environment};
use crate::clock::Timestamp;
use crate::ids::{AccountId, MediaId};
use crate::media::record::{ARRIVES_WITHIN, KEPT_FOR, Media};

const DAY: i64 = 24 * 60 * 60;
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

/// Which bound a file would exceed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UsageRefusal {
    /// Bytes of all files.
    Bytes,
    /// Uploads whose bytes have not arrived.
    OpenUploads,
}

/// What an account has uploaded.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    /// Changes with each write.
    #[serde(default)]
    version: u64,
    /// Bytes by the day of their creation, in days since the epoch.
    #[serde(default)]
    days: BTreeMap<String, u64>,
    /// Uploads whose bytes have not arrived, and until when they may.
    #[serde(default)]
    open: BTreeMap<MediaId, Timestamp>,
}

impl MediaBounds {
    /// The template's parameters.
    pub fn from_environment() -> Result<Self, EnvironmentError> {
        let megabytes: u64 = environment::parsed("MAX_MEDIA_MEGABYTES")?;
        Ok(Self { bytes: megabytes * 1024 * 1024, open_uploads: environment::parsed("MAX_OPEN_UPLOADS")? })
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
        for _ in 0..ATTEMPTS {
            let mut usage = self.usage(&media.account_id).await?;
            usage.expire(now);
            if let Err(refusal) = usage.add(media, bounds) {
                return Ok(Err(refusal));
            }
            if self.put_usage(&media.account_id, &usage).await? {
                return Ok(Ok(()));
            }
        }
        Err(TableError::Conflict)
    }

    /// Ends an open upload, whose bytes are here or will never be. May be repeated.
    pub async fn end_media_upload(&self, media: &Media, has_arrived: bool) -> Result<(), TableError> {
        for _ in 0..ATTEMPTS {
            let mut usage = self.usage(&media.account_id).await?;
            if !usage.end(media, has_arrived) || self.put_usage(&media.account_id, &usage).await? {
                return Ok(());
            }
        }
        Err(TableError::Conflict)
    }

    async fn usage(&self, account: &AccountId) -> Result<Usage, TableError> {
        Ok(self.get(ItemKey::media_usage(account)).await?.unwrap_or_default())
    }

    /// Writes what was read and changed. `false` when another write was faster.
    async fn put_usage(&self, account: &AccountId, usage: &Usage) -> Result<bool, TableError> {
        let update = UpdateBuilder::new()
            .set("version", usage.version + 1)
            .set("days", &usage.days)
            .set("open", &usage.open)
            .when_absent_or_equal("version", usage.version);
        Ok(self.update(ItemKey::media_usage(account), &update).await?.is_applied())
    }
}

const fn day(time: Timestamp) -> i64 {
    time.secs().div_euclid(DAY)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
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
}
