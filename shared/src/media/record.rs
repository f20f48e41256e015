//! The record of a file that a customer uploads.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::aws::ItemKey;
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId, MediaId};
use crate::message::{Failure, FailureCode};

/// How long a file can be sent: WhatsApp keeps it for 30 days (whatsapp-cloud-api-2026, section 5), and a message may wait for
/// one of them.
pub const KEPT_FOR: Duration = Duration::from_secs(29 * 24 * 60 * 60);
/// How long after its creation the bytes of a file may arrive: an upload that begins with the last second of its URL may take as
/// long as the URL was valid.
pub const ARRIVES_WITHIN: Duration = Duration::from_secs(30 * 60);
/// How long after its arrival a file is offered to WhatsApp again, while WhatsApp does not take it for the moment.
pub const OFFERED_FOR: Duration = Duration::from_secs(60 * 60);
/// How late a job may be that ends a file whose time is over. Readers end it by themselves after that, so that no lost job leaves
/// one between two states.
const JOB_MARGIN: Duration = Duration::from_secs(15 * 60);

/// How far a file has come.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum MediaStatus {
    /// Its bytes have not arrived.
    Waiting,
    /// Its bytes are here, and on their way to WhatsApp.
    Uploading,
    /// WhatsApp has it.
    Ready,
    /// It cannot be sent.
    Failed,
}

impl MediaStatus {
    /// The contract's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Uploading => "uploading",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

/// A file that a customer uploads.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Media {
    /// Its id.
    pub id: MediaId,
    /// Its account.
    pub account_id: AccountId,
    /// The instance from whose number it can be sent.
    pub instance_id: InstanceId,
    /// The customer's name for it.
    pub filename: Option<String>,
    /// Its type as WhatsApp names it, without parameters.
    pub mime_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// How far it has come. [`Media::outcome`] is what customers see.
    pub status: MediaStatus,
    /// Set until it is ready or has failed: the condition of every change.
    #[serde(default)]
    pub open: Option<bool>,
    /// Attempts to upload it to WhatsApp.
    #[serde(default)]
    pub attempt: u32,
    /// Until when the process of the current attempt has it.
    pub lease: Option<Timestamp>,
    /// WhatsApp's id of it.
    pub provider_id: Option<String>,
    /// Why it failed.
    pub error: Option<Failure>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its bytes were here.
    pub arrived_at: Option<Timestamp>,
    /// When the table may delete it, in seconds since the epoch.
    pub forget_at: i64,
}

/// What a customer says of a file.
#[derive(Debug)]
pub struct NewMedia {
    /// The customer's name for it.
    pub filename: Option<String>,
    /// Its type as WhatsApp names it.
    pub mime_type: &'static str,
    /// Its size in bytes.
    pub size: u64,
}

impl Media {
    /// A file whose bytes have not arrived.
    pub fn new(owner: (&AccountId, &InstanceId), file: NewMedia, now: Timestamp) -> Self {
        Self {
            id: MediaId::generate(),
            account_id: owner.0.clone(),
            instance_id: owner.1.clone(),
            filename: file.filename,
            mime_type: file.mime_type.to_owned(),
            size: file.size,
            status: MediaStatus::Waiting,
            open: Some(true),
            attempt: 0,
            lease: None,
            provider_id: None,
            error: None,
            created_at: now,
            arrived_at: None,
            forget_at: now.plus(KEPT_FOR).secs(),
        }
    }

    /// Its key in the table of accounts.
    pub fn key(&self) -> ItemKey {
        ItemKey::media(&self.account_id, &self.id)
    }

    /// Whether it is kept at `now`; the table deletes it later.
    pub const fn is_kept(&self, now: Timestamp) -> bool {
        now.secs() < self.forget_at
    }

    /// Its status as customers see it at `now`, and why it failed.
    pub fn outcome(&self, now: Timestamp) -> (MediaStatus, Option<Failure>) {
        match self.overdue(now.minus(JOB_MARGIN)) {
            Some(failure) => (MediaStatus::Failed, Some(failure)),
            None => (self.status, self.error.clone()),
        }
    }

    /// Whether it has failed because its bytes did not come.
    pub fn was_given_up(&self) -> bool {
        self.status == MediaStatus::Failed && self.arrived_at.is_none()
    }

    /// Why it fails at `now` because nothing has happened to it for too long.
    pub fn overdue(&self, now: Timestamp) -> Option<Failure> {
        match (self.status, self.arrived_at) {
            (MediaStatus::Waiting, _) if now >= self.created_at.plus(ARRIVES_WITHIN) => {
                Some(Failure::new(FailureCode::Expired, "The file was not uploaded to its `uploadUrl` in time."))
            }
            (MediaStatus::Uploading, Some(arrived)) if now >= arrived.plus(OFFERED_FOR) => {
                Some(Failure::new(FailureCode::ProviderError, "WhatsApp did not take the file within an hour."))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_nothing_happens_to_fails_for_its_readers_too() {
        let now = Timestamp::from_secs(1_000_000);
        let owner = (&AccountId::generate(), &InstanceId::generate());
        let mut media = Media::new(owner, NewMedia { filename: None, mime_type: "image/png", size: 1 }, now);
        let status = |media: &Media, after: Duration| media.outcome(now.plus(after)).0;
        assert_eq!(status(&media, ARRIVES_WITHIN), MediaStatus::Waiting);
        assert_eq!(status(&media, ARRIVES_WITHIN + JOB_MARGIN), MediaStatus::Failed);
        (media.status, media.arrived_at) = (MediaStatus::Uploading, Some(now));
        assert_eq!(status(&media, OFFERED_FOR), MediaStatus::Uploading);
        assert_eq!(status(&media, OFFERED_FOR + JOB_MARGIN), MediaStatus::Failed);
        media.status = MediaStatus::Ready;
        assert_eq!(status(&media, KEPT_FOR), MediaStatus::Ready);
        assert!(media.is_kept(now.plus(KEPT_FOR - Duration::from_secs(1))) && !media.is_kept(now.plus(KEPT_FOR)));
    }
}
