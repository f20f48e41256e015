//! A batch of queue messages, each on its own: those that could not be done stay in their queue
//! (`ReportBatchItemFailures`).

use std::fmt::Display;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::future::join_all;

/// Does all of a batch side by side and names what must stay in the queue.
pub async fn side_by_side<'a, E: Display, F: Future<Output = Result<(), E>>>(
    batch: &'a SqsEvent,
    work: impl Fn(&'a SqsMessage) -> F,
) -> SqsBatchResponse {
    let results = join_all(batch.records.iter().map(work)).await;
    let mut response = SqsBatchResponse::default();
    for (message, result) in batch.records.iter().zip(results) {
        if let Err(error) = result {
            tracing::error!(%error, "queue_message.not_now");
            response.batch_item_failures.push(failure(message));
        }
    }
    response
}

/// Names a message that stays in its queue.
pub fn failure(message: &SqsMessage) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message.message_id.clone().unwrap_or_default();
    failure
}
