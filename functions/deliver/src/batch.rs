//! A batch from a delivery queue: conversations side by side, the messages of each in order.
//!
//! Lambda deletes what is done only when the whole batch has returned, and until then those conversations stand still.
//! So when one call hangs, the others' messages are deleted here.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use lambda_runtime::{Context, LambdaEvent};
use shared::delivery_queue::Lane;
use tokio::time::{Instant, interval_at};

use crate::attempt::{Deliverer, Next};

/// How long messages that are done wait for the rest of their batch.
const PATIENCE: Duration = Duration::from_secs(1);

/// When this invocation must have ended, by the wall clock that Lambda counts by.
#[derive(Clone, Copy, Debug)]
pub struct InvocationDeadline(SystemTime);

/// What became of the messages of one conversation.
#[derive(Default)]
struct Delivered {
    /// Receipts of those that leave the queue.
    done: Vec<String>,
    /// Those that stay.
    waiting: Vec<BatchItemFailure>,
}

impl InvocationDeadline {
    fn of(context: &Context) -> Self {
        Self(UNIX_EPOCH + Duration::from_millis(context.deadline))
    }

    /// How much time is left.
    pub fn left(self) -> Duration {
        self.0.duration_since(SystemTime::now()).unwrap_or_default()
    }
}

/// Delivers a batch and names the messages that must stay in the queue.
pub async fn deliver(deliverer: &Deliverer, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let deadline = InvocationDeadline::of(&event.context);
    let messages = event.payload.records;
    let arn = messages.first().and_then(|message| message.event_source_arn.as_deref()).unwrap_or_default();
    let lane = deliverer.deliveries.lane(arn);
    let conversations = by_conversation(messages);
    let mut running: FuturesUnordered<_> =
        conversations.iter().map(|messages| deliver_in_order(deliverer, lane, messages, deadline)).collect();
    let mut deleting = FuturesUnordered::new();
    let (mut done, mut response) = (Vec::new(), SqsBatchResponse::default());
    let mut patience = interval_at(Instant::now() + PATIENCE, PATIENCE);
    loop {
        tokio::select! {
            delivered = running.next() => {
                let Some(delivered) = delivered else { break };
                done.extend(delivered.done);
                response.batch_item_failures.extend(delivered.waiting);
            }
            _ = patience.tick(), if !done.is_empty() => {
                deleting.push(delete(deliverer, lane, std::mem::take(&mut done)));
            }
            Some(()) = deleting.next() => {}
        }
    }
    deleting.collect::<()>().await;
    response
}

/// Messages by group, in the order of the batch.
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

/// Delivers one conversation until a message has to wait; it and those behind it go back to the queue.
async fn deliver_in_order(
    deliverer: &Deliverer,
    lane: Lane,
    messages: &[SqsMessage],
    deadline: InvocationDeadline,
) -> Delivered {
    let mut delivered = Delivered::default();
    for (position, message) in messages.iter().enumerate() {
        match deliverer.deliver(message, deadline).await {
            Next::Done => delivered.done.push(receipt(message)),
            Next::Later(wait) => {
                let waiting = &messages[position..];
                give_back(deliverer, lane, waiting, wait).await;
                delivered.waiting = waiting.iter().map(failure).collect();
                break;
            }
        }
    }
    delivered
}

/// The head is seen again after its wait and those behind it at once: they are blocked by the head anyway, and the
/// queue's long visibility time-out must not be added to its wait.
async fn give_back(deliverer: &Deliverer, lane: Lane, waiting: &[SqsMessage], wait: Duration) {
    let wait_of = |position| if position == 0 { wait } else { Duration::ZERO };
    let waits: Vec<_> =
        waiting.iter().enumerate().map(|(position, message)| (receipt(message), wait_of(position))).collect();
    if let Err(error) = deliverer.deliveries.give_back(lane, &waits).await {
        tracing::warn!(%error, "delivery.give_back_failed"); // seen again after the queue's visibility time-out
    }
}

/// Those that can't be deleted now are when the batch returns.
async fn delete(deliverer: &Deliverer, lane: Lane, receipts: Vec<String>) {
    if let Err(error) = deliverer.deliveries.delete(lane, &receipts).await {
        tracing::warn!(%error, "delivery.delete_failed");
    }
}

fn receipt(message: &SqsMessage) -> String {
    message.receipt_handle.clone().unwrap_or_default()
}

fn failure(message: &SqsMessage) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message.message_id.clone().unwrap_or_default();
    failure
}
