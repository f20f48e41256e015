//! Batches of queue messages, each processed on its own: those that failed stay in their queue
//! (`ReportBatchItemFailures`).

use std::panic::AssertUnwindSafe;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::FutureExt;
use futures::future::join_all;
use serde::de::DeserializeOwned;

use crate::aws::conditional_write::TableError;
use crate::aws::sqs::QueueError;

/// From this receive on, a message that cannot be processed needs somebody's attention: no alarm on the age of a standard queue's messages sees
/// those that were received three times (Amazon SQS developer guide, "Available CloudWatch metrics").
const MANY_RECEIVES: u32 = 5;

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
    /// The code panicked; the panic itself is in the log.
    #[error("panicked")]
    Panicked,
}

impl ProcessingError {
    /// Whether the next attempt would fail for the same reason.
    pub const fn is_permanent(&self) -> bool {
        match self {
            Self::Table(error) => matches!(error, TableError::Unreadable(_)),
            Self::Queue(error) => matches!(error, QueueError::Refused(_)),
            Self::Changed => false,
            Self::Unreadable | Self::Panicked => true,
        }
    }
}

/// Runs the processing of one message of a batch. If it panics, the others continue.
pub async fn catch_panic<T>(
    processing: impl Future<Output = Result<T, ProcessingError>>,
) -> Result<T, ProcessingError> {
    AssertUnwindSafe(processing).catch_unwind().await.unwrap_or(Err(ProcessingError::Panicked))
}

/// Processes the bodies of a batch concurrently and names the messages that stay in the queue.
pub async fn process_concurrently<T: DeserializeOwned, F: Future<Output = Result<(), ProcessingError>>>(
    batch: &SqsEvent,
    process: impl Fn(T) -> F,
) -> SqsBatchResponse {
    let process = &process;
    let processed = batch.records.iter().map(|message| {
        let body = serde_json::from_str(message.body.as_deref().unwrap_or_default());
        catch_panic(async move { process(body.map_err(|_| ProcessingError::Unreadable)?).await })
    });
    let results = join_all(processed).await;
    let mut response = SqsBatchResponse::default();
    for (message, result) in batch.records.iter().zip(results) {
        if let Err(error) = result {
            tracing::error!(%error, receives = receive_count(message), "queue_message.processing_failed");
            response.batch_item_failures.push(failure(message));
        }
    }
    response
}

/// How many messages of a batch have failed again that were received often.
pub fn failing_again(batch: &SqsEvent, response: &SqsBatchResponse) -> u64 {
    let has_failed = |message: &&SqsMessage| {
        let mut failed = response.batch_item_failures.iter().map(|failure| Some(failure.item_identifier.as_str()));
        failed.any(|id| id == message.message_id.as_deref())
    };
    let failed = batch.records.iter().filter(has_failed);
    failed.filter(|message| receive_count(message) >= MANY_RECEIVES).count() as u64
}

/// How often a message was received, as SQS says.
fn receive_count(message: &SqsMessage) -> u32 {
    message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or_default()
}

/// Names a message that stays in its queue.
pub fn failure(message: &SqsMessage) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message.message_id.clone().unwrap_or_default();
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_message_whose_processing_panics_stays_in_the_queue_alone() {
        let mut batch = SqsEvent::default();
        for (id, body) in [("first", "1"), ("poison", "2"), ("unreadable", "{"), ("last", "3")] {
            let mut message = SqsMessage::default();
            message.message_id = Some(id.to_owned());
            message.body = Some(body.to_owned());
            batch.records.push(message);
        }
        let process = |number: u32| async move {
            tokio::task::yield_now().await;
            assert_ne!(number, 2, "a fault of ours");
            Ok(())
        };
        let response = process_concurrently(&batch, process).await;
        let failed: Vec<_> =
            response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
        assert_eq!(failed, ["poison", "unreadable"]);
    }

    #[test]
    fn what_fails_again_and_again_counts_and_what_is_processed_at_last_does_not() {
        let (mut batch, mut response) = (SqsEvent::default(), SqsBatchResponse::default());
        for (id, receives, has_failed) in [("new", "1", true), ("old", "5", true), ("done", "7", false)] {
            let mut message = SqsMessage::default();
            message.message_id = Some(id.to_owned());
            message.attributes.insert("ApproximateReceiveCount".to_owned(), receives.to_owned());
            response.batch_item_failures.extend(has_failed.then(|| failure(&message)));
            batch.records.push(message);
        }
        assert_eq!(failing_again(&batch, &response), 1);
    }
}
