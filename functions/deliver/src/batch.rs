//! A batch from a delivery queue: conversations run concurrently, the messages of each in order.
//!
//! Messages that wait return to the queue in one call. Lambda deletes those that are done only when the whole batch has
//! returned, and until then their conversations are blocked: so when one call hangs, the others' messages are released
//! before.

use std::time::{Duration, SystemTime};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use lambda_runtime::LambdaEvent;
use shared::aws::sqs_batch::failure;
use shared::ledger::Lane;
use shared::message::DeliveryQueues;
use tokio::time::{Instant, interval_at};

use crate::deliverer::Deliverer;

/// How long processed messages wait for the rest of their batch before they are released.
const RELEASE_INTERVAL: Duration = Duration::from_secs(1);

/// Messages of a batch that were processed.
#[derive(Default)]
struct BatchResult<'a> {
    /// Messages that leave the queue.
    done: Vec<&'a SqsMessage>,
    /// Messages that stay, and when they are received again.
    waiting: Vec<(&'a SqsMessage, Instant)>,
}

impl BatchResult<'_> {
    /// Deletes the messages that are done and returns those that wait. A message that cannot be deleted is deleted when the
    /// batch returns; one that cannot be returned is received again after the queue's visibility timeout.
    async fn release(self, queues: &DeliveryQueues, lane: Lane) {
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

/// Delivers a batch and names the messages that stay in the queue.
pub async fn deliver(deliverer: &Deliverer, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let deadline = event.context.deadline();
    let messages = event.payload.records;
    let arn = messages.first().and_then(|message| message.event_source_arn.as_deref()).unwrap_or_default();
    let lane = deliverer.queues.lane(arn);
    let conversations = by_conversation(messages);
    let mut running: FuturesUnordered<_> =
        conversations.iter().map(|messages| deliver_in_order(deliverer, messages, deadline)).collect();
    let mut releasing = FuturesUnordered::new();
    let (mut processed, mut response) = (BatchResult::default(), SqsBatchResponse::default());
    let mut release = interval_at(Instant::now() + RELEASE_INTERVAL, RELEASE_INTERVAL);
    loop {
        tokio::select! {
            result = running.next() => {
                let Some(result) = result else { break };
                response.batch_item_failures.extend(result.waiting.iter().map(|(message, _)| failure(message)));
                processed.done.extend(result.done);
                processed.waiting.extend(result.waiting);
            }
            _ = release.tick() => releasing.push(std::mem::take(&mut processed).release(&deliverer.queues, lane)),
            Some(()) = releasing.next() => {}
        }
    }
    processed.done.clear(); // Lambda deletes these
    releasing.push(processed.release(&deliverer.queues, lane));
    releasing.collect::<()>().await;
    response
}

/// Messages by message group, in the order of the batch.
fn by_conversation(messages: Vec<SqsMessage>) -> Vec<Vec<SqsMessage>> {
    let mut conversations: Vec<(String, Vec<SqsMessage>)> = Vec::new();
    for message in messages {
        let group = message.attributes.get("MessageGroupId").cloned().unwrap_or_default();
        match conversations.iter_mut().find(|(name, _)| *name == group) {
            Some((_, messages)) => messages.push(message),
            None => conversations.push((group, vec![message])),
        }
    }
    conversations.into_iter().map(|(_, messages)| messages).collect()
}

/// Delivers one conversation until a message has to wait; it and the messages behind it return to the queue.
///
/// The head is received again after its wait, those behind it at once: the head blocks them anyway, and the queue's long
/// visibility timeout must not be added to its wait.
async fn deliver_in_order<'a>(
    deliverer: &Deliverer,
    messages: &'a [SqsMessage],
    deadline: SystemTime,
) -> BatchResult<'a> {
    let mut result = BatchResult::default();
    for (position, message) in messages.iter().enumerate() {
        match deliverer.deliver(message, deadline).await {
            None => result.done.push(message),
            Some(wait) => {
                let now = Instant::now();
                result.waiting.push((message, now + wait));
                result.waiting.extend(messages[position + 1..].iter().map(|behind| (behind, now)));
                break;
            }
        }
    }
    result
}
