//! Batches of queue messages, each processed on its own: those that failed stay in their queue
//! (`ReportBatchItemFailures`).

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::future::join_all;
use serde::de::DeserializeOwned;

use crate::aws::conditional_write::TableError;
use crate::aws::sqs::QueueError;

/// Why a queue message could not be processed now.
#[derive(Debug, thiserror::Error)]
pub enum ProcessingError {
    /// The table did not answer.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The queue did not answer.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The record changed between read and write.
    #[error("the record has changed")]
    Changed,
    /// A queue message does not have the form that we write.
    #[error("unreadable queue message")]
    Unreadable,
}

/// Processes the bodies of a batch concurrently and names the messages that stay in the queue.
pub async fn process_concurrently<T: DeserializeOwned, F: Future<Output = Result<(), ProcessingError>>>(
    batch: &SqsEvent,
    process: impl Fn(T) -> F,
) -> SqsBatchResponse {
    let process = &process;
    let processed = batch.records.iter().map(|message| {
        let body = serde_json::from_str(message.body.as_deref().unwrap_or_default());
        async move { process(body.map_err(|_| ProcessingError::Unreadable)?).await }
    });
    let results = join_all(processed).await;
    let mut response = SqsBatchResponse::default();
    for (message, result) in batch.records.iter().zip(results) {
        if let Err(error) = result {
            tracing::error!(%error, "queue_message.processing_failed");
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
