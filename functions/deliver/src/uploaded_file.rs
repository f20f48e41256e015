//! The file of a message that names one by its id: it may still be on its way to WhatsApp.

use std::time::Duration;

use shared::aws::TableError;
use shared::clock;
use shared::media::MediaStatus;
use shared::message::{Content, Failure, FailureCode, Message};

use crate::deliverer::Deliverer;

/// How long a message waits for its file (contract).
const WAITS_FOR: Duration = Duration::from_secs(15 * 60);

/// Whether WhatsApp has the file of a message.
pub enum UploadedFile {
    /// It has: under this id, if the message has such a file.
    Ready(Option<String>),
    /// Not yet.
    OnItsWay,
    /// It never will, or not in time.
    Failed(Failure),
}

impl Deliverer {
    /// WhatsApp's id of a message's file. It is read only if the file was on its way when the message was accepted.
    pub async fn uploaded_file(&self, message: &Message) -> Result<UploadedFile, TableError> {
        let Content::Upload { media_id, provider_id, .. } = &message.content else {
            return Ok(UploadedFile::Ready(None));
        };
        if provider_id.is_some() {
            return Ok(UploadedFile::Ready(provider_id.clone()));
        }
        let now = clock::now();
        let Some(media) = self.accounts.media(&message.account_id, media_id).await? else {
            return Ok(UploadedFile::Failed(not_in_time()));
        };
        Ok(match media.outcome(now) {
            (MediaStatus::Ready, _) => UploadedFile::Ready(media.provider_id),
            (MediaStatus::Failed, failure) => UploadedFile::Failed(failure.unwrap_or_else(not_in_time)),
            _ if now >= message.created_at.plus(WAITS_FOR) => UploadedFile::Failed(not_in_time()),
            _ => UploadedFile::OnItsWay,
        })
    }
}

fn not_in_time() -> Failure {
    Failure::new(FailureCode::ProviderError, "WhatsApp did not have the file of `mediaId` within 15 minutes.")
}
