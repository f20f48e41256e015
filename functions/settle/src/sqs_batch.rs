//! A batch from either of `settle`'s queues: each message on its own.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use shared::aws::{ProcessingError, sqs_batch};
use shared::message::SettleJob;
use shared::observability::{Metric, metrics};

use crate::settler::Settler;
use crate::{batches, bulk_lane, dead_letters, expiry_checks, moved_back, scheduled, unknown_outcomes};

/// Processes a batch and names the messages that stay in their queue.
pub async fn process(settler: &Settler, batch: &SqsEvent) -> SqsBatchResponse {
    let response = sqs_batch::process_concurrently(batch, |job| process_job(settler, job)).await;
    metrics::count_many(Metric::QueueMessagesFailing, sqs_batch::failing_again(batch, &response));
    response
}

async fn process_job(settler: &Settler, job: SettleJob) -> Result<(), ProcessingError> {
    match job {
        SettleJob::UnknownOutcome(outcome) => unknown_outcomes::give_up_or_wait(settler, &outcome).await,
        SettleJob::DeadLetter(queued) => dead_letters::requeue_or_mark_unknown(settler, &queued).await,
        SettleJob::MovedBack(message) => moved_back::enqueue_if_queued(settler, &message).await,
        SettleJob::Scheduled(messages) => scheduled::enqueue_due(settler, &messages).await,
        SettleJob::BatchesOf(of) => batches::serve(settler, &of).await,
        SettleJob::ExpiryCheck(check) => expiry_checks::expire_if_due(settler, &check).await,
        SettleJob::BulkLaneCheck(check) => bulk_lane::leave(settler, &check).await,
    }
}
