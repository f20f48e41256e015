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

/// Processes a batch and names the messages that stay in their queue.
pub async fn process(settler: &Settler, batch: &SqsEvent) -> SqsBatchResponse {
    let response = sqs_batch::process_concurrently(batch, |job| process_job(settler, job)).await;
    metrics::count_many(Metric::QueueMessagesFailing, failing(batch, &response));
    response
}

/// How many messages have failed again that were received often.
fn failing(batch: &SqsEvent, response: &SqsBatchResponse) -> u64 {
    let has_failed = |message: &&SqsMessage| {
        let mut failed = response.batch_item_failures.iter().map(|failure| Some(failure.item_identifier.as_str()));
        failed.any(|id| id == message.message_id.as_deref())
    };
    let failed = batch.records.iter().filter(has_failed);
    failed.filter(|message| sqs_batch::receive_count(message) >= MANY_RECEIVES).count() as u64
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_again_and_again_counts_and_what_is_processed_at_last_does_not() {
        let (mut batch, mut response) = (SqsEvent::default(), SqsBatchResponse::default());
        for (id, receives, has_failed) in [("new", "1", true), ("old", "5", true), ("done", "7", false)] {
            let mut message = SqsMessage::default();
            message.message_id = Some(id.to_owned());
            message.attributes.insert("ApproximateReceiveCount".to_owned(), receives.to_owned());
            response.batch_item_failures.extend(has_failed.then(|| sqs_batch::failure(&message)));
            batch.records.push(message);
        }
        assert_eq!(failing(&batch, &response), 1);
    }
}
