//! A batch as customers see it.

use shared::batch::{Batch, BatchCounts, BatchProgress};
use shared::clock::{self, Timestamp};
use shared::ids::{BatchId, InstanceId};

use crate::prelude::*;

/// How far a batch has come.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum BatchStatus {
    /// It waits for its `sendAt`.
    Scheduled,
    /// Its messages leave.
    Sending,
    /// Nothing of it is left to be sent.
    Completed,
    /// It was cancelled.
    Canceled,
}

/// A batch.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse<'a> {
    /// The id of the batch.
    batch_id: &'a BatchId,
    /// The instance that it leaves from.
    instance_id: &'a InstanceId,
    /// How far it has come.
    status: BatchStatus,
    /// Recipients that were accepted.
    accepted: u16,
    /// Recipients that were not.
    rejected: u16,
    /// When it was accepted.
    timestamp: String,
    /// When it is to begin, if that was in the future.
    #[schema(format = DateTime)]
    send_at: Option<String>,
    /// When it was cancelled.
    #[schema(format = DateTime)]
    canceled_at: Option<String>,
    /// When nothing of it was left to be sent.
    #[schema(format = DateTime)]
    completed_at: Option<String>,
}

/// A batch with its progress.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchProgressResponse<'a> {
    /// The batch.
    #[serde(flatten)]
    batch: BatchResponse<'a>,
    /// Its messages by their status.
    counts: BatchCounts,
    /// When its first message was sent.
    #[schema(format = DateTime)]
    first_sent_at: Option<String>,
    /// When its last message was sent, so far.
    #[schema(format = DateTime)]
    last_sent_at: Option<String>,
    /// When its last message will have been sent, as far as the number's other batches are known.
    #[schema(format = DateTime)]
    estimated_end_at: Option<String>,
}

impl<'a> BatchResponse<'a> {
    /// A batch, without its progress.
    pub fn new(batch: &'a Batch) -> Self {
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let is_early = batch.send_at.is_some_and(|send_at| clock::now() < send_at);
        let status = match batch {
            Batch { canceled_at: Some(_), .. } => BatchStatus::Canceled,
            Batch { completed_at: Some(_), .. } => BatchStatus::Completed,
            _ if is_early => BatchStatus::Scheduled,
            _ => BatchStatus::Sending,
        };
        Self {
            batch_id: &batch.id,
            instance_id: &batch.instance_id,
            status,
            accepted: batch.accepted,
            rejected: batch.recipients - batch.accepted,
            timestamp: batch.created_at.to_string(),
            send_at: text(batch.send_at),
            canceled_at: text(batch.canceled_at),
            completed_at: text(batch.completed_at),
        }
    }

    /// An example for the OpenAPI document.
    pub fn example() -> Value {
        json!({
            "batchId": "batch_abc123", "instanceId": "inst_abc123", "status": "sending", "accepted": 1000, "rejected": 0,
            "timestamp": "2026-02-03T12:00:00.000Z",
        })
    }
}

impl<'a> BatchProgressResponse<'a> {
    /// A batch with its progress.
    pub fn new(batch: &'a Batch, progress: &BatchProgress, estimated_end: Option<Timestamp>) -> Self {
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        Self {
            batch: BatchResponse::new(batch),
            counts: progress.counts,
            first_sent_at: text(progress.first_sent_at),
            last_sent_at: text(progress.last_sent_at),
            estimated_end_at: text(estimated_end),
        }
    }

    /// An example for the OpenAPI document.
    pub fn example() -> Value {
        let mut example = BatchResponse::example();
        example["counts"] =
            json!({ "scheduled": 0, "queued": 600, "sent": 100, "delivered": 200, "read": 95, "failed": 5 });
        example["firstSentAt"] = json!("2026-02-03T12:00:01.000Z");
        example["lastSentAt"] = json!("2026-02-03T12:00:09.000Z");
        example["estimatedEndAt"] = json!("2026-02-03T12:00:22.000Z");
        example
    }
}
