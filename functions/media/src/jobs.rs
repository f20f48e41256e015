//! What becomes of a job: it is done, or comes again later. One that comes again is enqueued before its message is deleted, so
//! that waiting uses up no receives: only processes that crash do.

use std::time::{Duration, SystemTime};

use shared::aws::ProcessingError;
use shared::clock;
use shared::media::{MediaJob, bucket};

use crate::mover::Mover;

/// What becomes of a job.
#[derive(Debug)]
pub enum Next {
    /// It leaves the queue.
    Done,
    /// It comes again after this time.
    Later(Duration),
}

/// Processes a job as far as is possible now.
pub async fn process(mover: &Mover, job: &MediaJob, deadline: SystemTime) -> Result<(), ProcessingError> {
    let next = match job {
        MediaJob::Upload { account_id, media_id } => mover.upload(account_id, media_id, deadline).await?,
        MediaJob::Fetch { account_id, message_id, requested_at } => {
            mover.fetch((account_id, message_id), *requested_at, deadline).await?
        }
    };
    match next {
        Next::Done => Ok(()),
        Next::Later(wait) => Ok(mover.queue.enqueue(job, wait).await?),
    }
}

/// The bytes of a file have arrived. Its upload waits for its turn in the account's message group, which S3's notification is not
/// in; messages may name the file meanwhile.
pub async fn arrived(mover: &Mover, key: &str) -> Result<(), ProcessingError> {
    let Some((account_id, media_id)) = bucket::parse_key(key) else {
        tracing::warn!("media.foreign_object");
        return Ok(());
    };
    mover.accounts.note_media_arrival(&account_id, &media_id, clock::now()).await?;
    Ok(mover.queue.enqueue(&MediaJob::Upload { account_id, media_id }, Duration::ZERO).await?)
}
