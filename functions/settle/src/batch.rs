//! A batch from either of `settle`'s queues: each message on its own.

use std::time::SystemTime;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use serde::Deserialize;
use shared::aws::{ProcessingError, sqs_batch};
use shared::message::{
    BatchesOf, BulkLaneCheck, ExpiryCheck, MovedBack, QueuedMessage, ScheduledMessages, UnknownOutcome,
};

use crate::settler::Settler;
use crate::{batches, bulk_lane, dead_letters, expiry_checks, moved_back, scheduled, unknown_outcomes};

/// A message from one of the two queues.
#[derive(Deserialize)]
#[serde(untagged)]
enum Open {
    /// An attempt whose outcome was unknown 15 minutes ago.
    UnknownOutcome(UnknownOutcome),
    /// A message that `deliver` received too often.
    DeadLetter(QueuedMessage),
    /// A message that `deliver` moved back.
    MovedBack(MovedBack),
    /// Messages to send at their time.
    Scheduled(ScheduledMessages),
    /// An instance whose batches have something to do.
    BatchesOf(BatchesOf),
    /// A message that may have expired in a delivery queue.
    ExpiryCheck(ExpiryCheck),
    /// An instance that may have left the bulk lane.
    BulkLaneCheck(BulkLaneCheck),
}

/// Settles a batch and names the messages that stay in their queue.
pub async fn settle(settler: &Settler, batch: &SqsEvent, deadline: SystemTime) -> SqsBatchResponse {
    sqs_batch::process_concurrently(batch, |open| settle_one(settler, open, deadline)).await
}

async fn settle_one(settler: &Settler, open: Open, deadline: SystemTime) -> Result<(), ProcessingError> {
    match open {
        Open::UnknownOutcome(outcome) => unknown_outcomes::settle(settler, &outcome).await,
        Open::DeadLetter(queued) => dead_letters::settle(settler, &queued).await,
        Open::MovedBack(message) => moved_back::settle(settler, &message).await,
        Open::Scheduled(messages) => scheduled::settle(settler, &messages).await,
        Open::BatchesOf(of) => batches::serve(settler, &of, deadline).await,
        Open::ExpiryCheck(check) => expiry_checks::settle(settler, &check).await,
        Open::BulkLaneCheck(check) => bulk_lane::leave(settler, &check).await,
    }
}
