//! What happens to the messages of a batch: some leave the queue, the others return to it.

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use shared::ledger::Lane;
use shared::message::DeliveryQueues;
use tokio::time::Instant;

/// Messages of a batch that were processed.
#[derive(Default)]
pub struct BatchResult<'a> {
    /// Messages that leave the queue.
    pub done: Vec<&'a SqsMessage>,
    /// Messages that stay, and when they are received again.
    pub waiting: Vec<(&'a SqsMessage, Instant)>,
}

impl BatchResult<'_> {
    /// Deletes the messages that are done and returns those that wait. A message that cannot be deleted is deleted when the
    /// batch returns; one that cannot be returned is received again after the queue's visibility time-out.
    pub async fn release(self, queues: &DeliveryQueues, lane: Lane) {
        let now = Instant::now();
        let done: Vec<String> = self.done.into_iter().map(receipt).collect();
        let waits: Vec<(String, Duration)> =
            self.waiting.into_iter().map(|(message, until)| (receipt(message), until - now)).collect();
        let (deleted, returned) =
            tokio::join!(queues.delete_batch(lane, &done), queues.change_visibility(lane, &waits));
        for error in deleted.err().into_iter().chain(returned.err()) {
            tracing::warn!(%error, "sqs.release_failed");
        }
    }
}

fn receipt(message: &SqsMessage) -> String {
    message.receipt_handle.clone().unwrap_or_default()
}
