//! A batch from either of `settle`'s queues: each message on its own.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use shared::aws::{ProcessingError, sqs_batch};
use shared::message::SettleJob;
use shared::observability::{Metric, metrics};

use crate::settler::Settler;
use crate::{batches, bulk_lane, dead_letters, expiry_checks, moved_back, scheduled, unknown_outcomes};

/// From this receive on, a message that cannot be processed needs somebody's attention: no alarm on the age of a standard queue's messages sees
/// those that were received three times (Amazon SQS developer guide, "Available CloudWatch metrics").
const MANY_RECEIVES: u32 = 5;

/// Settles a batch and names the messages that stay in their queue.
pub async fn settle(settler: &Settler, batch: &SqsEvent) -> SqsBatchResponse {
    let response = sqs_batch::process_concurrently(batch, |job| settle_one(settler, job)).await;
    let has_failed = |message: &&SqsMessage| {
        let failed = response.batch_item_failures.iter().map(|failure| Some(failure.item_identifier.as_str()));
        failed.into_iter().any(|id| id == message.message_id.as_deref())
    };
    let failing = batch.records.iter().filter(has_failed).filter(|it| sqs_batch::receive_count(it) >= MANY_RECEIVES);
    metrics::count_many(Metric::QueueMessagesFailing, failing.count() as u64);
    response
}

async fn settle_one(settler: &Settler, job: SettleJob) -> Result<(), ProcessingError> {
    match job {
        SettleJob::UnknownOutcome(outcome) => unknown_outcomes::settle(settler, &outcome).await,
        SettleJob::DeadLetter(queued) => dead_letters::settle(settler, &queued).await,
        SettleJob::MovedBack(message) => moved_back::settle(settler, &message).await,
        SettleJob::Scheduled(messages) => scheduled::settle(settler, &messages).await,
        SettleJob::BatchesOf(of) => batches::serve(settler, &of).await,
        SettleJob::ExpiryCheck(check) => expiry_checks::settle(settler, &check).await,
        SettleJob::BulkLaneCheck(check) => bulk_lane::leave(settler, &check).await,
    }
}
