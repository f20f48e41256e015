//! One file: from its claim to WhatsApp's id, or to the reason why it cannot be sent.

use std::time::{Duration, SystemTime};

use shared::aws::{ProcessingError, TableError};
use shared::clock;
use shared::ids::{AccountId, MediaId};
use shared::instance::RefusedConnection;
use shared::jitter::with_jitter;
use shared::lease::{self, remaining};
use shared::media::{ARRIVES_WITHIN, Media, StoredFile};
use shared::message::{Failure, FailureCode};
use shared::observability::{Metric, metrics};
use shared::whatsapp::upload_types::BEGINNING;
use shared::whatsapp::{ErrorMeaning, GraphError, ManagementError, Reaction, UploadType};

use crate::jobs::Next;
use crate::mover::Mover;
use crate::number::NoConnection;

/// Part of an invocation's time that is kept for the record of the result.
pub const RECORD_TIME: Duration = Duration::from_secs(10);
/// The wait after the first attempt that WhatsApp did not take; each is twice the one before.
const FIRST_WAIT: Duration = Duration::from_secs(2);
/// The longest of them.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// The largest share of a wait that is added at random.
const JITTER: f64 = 0.5;

/// The result of an attempt.
enum Attempt {
    /// WhatsApp has the file under this id.
    Ready(String),
    /// The file cannot be sent.
    Failed(Failure),
    /// The file is to be offered again.
    Again(String),
}

impl Mover {
    /// Uploads a file, if its bytes are here; gives up one whose bytes did not come, or that WhatsApp did not take.
    pub async fn upload(
        &self,
        account: &AccountId,
        id: &MediaId,
        deadline: SystemTime,
    ) -> Result<Next, ProcessingError> {
        let now = clock::now();
        let media = match self.accounts.media(account, id).await? {
            Some(media) if media.open.is_some() => media,
            Some(media) if !media.was_given_up() => return Ok(Next::Done),
            _ => return self.delete_uncounted(account, id).await,
        };
        if let Some(lease) = media.lease.filter(|lease| *lease > now) {
            return Ok(Next::Later(now.until(lease)));
        }
        let file = match self.bucket.open(account, id).await {
            Ok(file) => file,
            Err(error) => {
                tracing::error!(media_id = %id, %error, "media.bucket_failed");
                return Ok(Next::Later(FIRST_WAIT));
            }
        };
        // It is over only if the bytes are still not here: a notification may have been lost, or be late.
        if let Some(failure) = media.overdue(now).filter(|_| file.is_none() || media.arrived_at.is_some()) {
            self.accounts.end_media_upload(&media, false).await?;
            return self.fail(&media, &failure).await;
        }
        let Some(file) = file else {
            return Ok(Next::Later(now.until(media.created_at.plus(ARRIVES_WITHIN))));
        };
        let lease = now.plus(lease::length(deadline));
        let Some(media) = self.accounts.claim_media(&media, now, lease).await? else {
            return Ok(Next::Later(FIRST_WAIT)); // another process has it, or had
        };
        self.accounts.end_media_upload(&media, true).await?;
        let attempt = self.attempt(&media, file, remaining(deadline).saturating_sub(RECORD_TIME)).await?;
        self.record(&media, attempt).await
    }

    /// Deletes the bytes of a file that was given up before they came, or whose account was closed: a put may begin just before its URL
    /// expires and last for long. Nothing else counts them.
    async fn delete_uncounted(&self, account: &AccountId, id: &MediaId) -> Result<Next, ProcessingError> {
        match self.bucket.delete_outbound(account, id).await {
            Ok(()) => Ok(Next::Done),
            Err(error) => {
                tracing::error!(media_id = %id, %error, "media.bucket_failed");
                Ok(Next::Later(FIRST_WAIT))
            }
        }
    }

    async fn record(&self, media: &Media, attempt: Attempt) -> Result<Next, ProcessingError> {
        match attempt {
            Attempt::Ready(provider_id) => {
                if self.accounts.media_is_ready(media, &provider_id, clock::now()).await? {
                    tracing::info!(media_id = %media.id, attempt = media.attempt, "media.ready");
                }
                Ok(Next::Done)
            }
            Attempt::Failed(failure) => self.fail(media, &failure).await,
            Attempt::Again(reason) => {
                tracing::warn!(media_id = %media.id, attempt = media.attempt, reason, "media.upload_failed");
                self.accounts.release_media(media).await?;
                Ok(Next::Later(wait_after(media.attempt)))
            }
        }
    }

    async fn fail(&self, media: &Media, failure: &Failure) -> Result<Next, ProcessingError> {
        if self.accounts.media_has_failed(media, failure, clock::now()).await? {
            tracing::warn!(media_id = %media.id, code = ?failure.code, "media.failed");
        }
        Ok(Next::Done)
    }

    async fn attempt(&self, media: &Media, mut file: StoredFile, time: Duration) -> Result<Attempt, TableError> {
        if file.size != media.size {
            return Ok(Attempt::Failed(other_size(media, file.size)));
        }
        let beginning = match file.beginning(BEGINNING).await {
            Ok(beginning) => beginning,
            Err(error) => return Ok(Attempt::Again(error.to_string())),
        };
        if let Some(found) = UploadType::find(&media.mime_type).and_then(|known| known.contradicted_by(&beginning)) {
            return Ok(Attempt::Failed(other_type(media, found)));
        }
        let connection = match self.connection(&media.account_id, &media.instance_id).await? {
            Ok(connection) => connection,
            Err(NoConnection::Disconnected) => return Ok(Attempt::Failed(Failure::disconnected())),
            Err(reason) => return Ok(Attempt::Again(reason.to_string())),
        };
        let number = (connection.number_id.as_str(), &connection.token);
        let (size, bytes) = (media.size, file.stream(beginning));
        let uploaded = self.whatsapp.upload_media(number, (&media.mime_type, size), bytes, time).await;
        let error = match uploaded {
            Ok(provider_id) => return Ok(Attempt::Ready(provider_id)),
            Err(ManagementError::Unavailable(reason)) => return Ok(Attempt::Again(reason)),
            Err(ManagementError::Refused(error)) => error,
        };
        metrics::count(Metric::ProviderErrors(ErrorMeaning::metric_label(error.code)));
        if error.meaning().reaction == Reaction::DisconnectInstance
            && self.disconnect_refused(&connection, &error).await? == RefusedConnection::Replaced
        {
            return Ok(Attempt::Again(format!("WhatsApp's error {} about a former connection", error.code)));
        }
        Ok(refused(&error))
    }
}

/// The wait after an attempt that is to be made again.
pub fn wait_after(attempt: u32) -> Duration {
    let wait = FIRST_WAIT * 2_u32.saturating_pow(attempt.saturating_sub(1));
    with_jitter(wait.min(LONGEST_WAIT), JITTER)
}

/// What a refusal means: one that passes is no reason to fail the file.
fn refused(error: &GraphError) -> Attempt {
    match error.meaning().reaction {
        Reaction::Fail | Reaction::DisconnectInstance => Attempt::Failed(error.failure()),
        Reaction::Retry(_) | Reaction::RetryAndPause(_) | Reaction::PauseInstance(_) => {
            Attempt::Again(format!("WhatsApp's error {}", error.code))
        }
    }
}

fn other_size(media: &Media, size: u64) -> Failure {
    let message =
        format!("`size` was {}, but the file has {size} bytes: create it again with its real size.", media.size);
    Failure::new(FailureCode::UnsupportedMediaType, message)
}

fn other_type(media: &Media, found: &str) -> Failure {
    let message = format!("The file's first bytes are those of {found}, not of {}.", media.mime_type);
    Failure::new(FailureCode::UnsupportedMediaType, message)
}
