//! A batch from the queue: jobs of our own, and notifications of the bucket.

use std::time::SystemTime;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use serde::Deserialize;
use serde::de::IgnoredAny;
use shared::aws::{ProcessingError, sqs_batch};
use shared::media::MediaJob;

use crate::jobs;
use crate::mover::Mover;

/// A message in the queue.
#[derive(Deserialize)]
#[serde(untagged)]
enum Received {
    /// Objects that were created. S3 sends it at least once for each.
    Created {
        #[serde(rename = "Records")]
        records: Vec<Record>,
    },
    /// Sent by S3 when it is told where to send its notifications.
    Test {
        #[serde(rename = "Event")]
        _event: IgnoredAny,
    },
    /// A job of ours.
    Job(MediaJob),
}

/// A record of a notification (Amazon S3, event message structure).
#[derive(Deserialize)]
struct Record {
    s3: Entity,
}

#[derive(Deserialize)]
struct Entity {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    key: String,
}

/// Processes a batch and names the messages that stay in the queue.
pub async fn process(mover: &Mover, batch: &SqsEvent, deadline: SystemTime) -> SqsBatchResponse {
    sqs_batch::process_concurrently(batch, |received| process_one(mover, received, deadline)).await
}

async fn process_one(mover: &Mover, received: Received, deadline: SystemTime) -> Result<(), ProcessingError> {
    match received {
        Received::Created { records } => {
            for record in records {
                jobs::arrived(mover, &record.s3.object.key).await?;
            }
            Ok(())
        }
        Received::Test { .. } => Ok(()),
        Received::Job(job) => jobs::process(mover, &job, deadline).await,
    }
}
