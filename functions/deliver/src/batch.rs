//! A batch from a delivery queue: conversations side by side, the messages of each in order.
//!
//! What waits goes back to the queue in one call. Lambda deletes what is done only when the whole batch has returned, and
//! until then those conversations stand still: so when one call hangs, the others' messages are let go of before.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use lambda_runtime::{Context, LambdaEvent};
use shared::delivery_queue::Lane;
use shared::sqs_batch::failure;
use tokio::time::{Instant, interval_at};

use crate::attempt::{Deliverer, Next};

/// How long messages that are done, or have to wait, wait for the rest of their batch.
const PATIENCE: Duration = Duration::from_secs(1);

/// When this invocation must have ended, by the wall clock that Lambda counts by.
#[derive(Clone, Copy, Debug)]
pub struct InvocationDeadline(SystemTime);

/// What became of messages.
#[derive(Default)]
struct Delivered<'a> {
    /// Those that leave the queue.
    done: Vec<&'a SqsMessage>,
    /// Those that stay, and when they are to be received again.
    waiting: Vec<(&'a SqsMessage, Instant)>,
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
        conversations.iter().map(|messages| deliver_in_order(deliverer, messages, deadline)).collect();
    let mut letting_go = FuturesUnordered::new();
    let (mut finished, mut response) = (Delivered::default(), SqsBatchResponse::default());
    let mut patience = interval_at(Instant::now() + PATIENCE, PATIENCE);
    loop {
        tokio::select! {
            delivered = running.next() => {
                let Some(delivered) = delivered else { break };
                response.batch_item_failures.extend(delivered.waiting.iter().map(|(message, _)| failure(message)));
                finished.done.extend(delivered.done);
                finished.waiting.extend(delivered.waiting);
            }
            _ = patience.tick() => letting_go.push(let_go(deliverer, lane, std::mem::take(&mut finished))),
            Some(()) = letting_go.next() => {}
        }
    }
    finished.done.clear(); // Lambda deletes these
    letting_go.push(let_go(deliverer, lane, finished));
    letting_go.collect::<()>().await;
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
///
/// The head is seen again after its wait and those behind it at once: they are blocked by the head anyway, and the queue's
/// long visibility time-out must not be added to its wait.
async fn deliver_in_order<'a>(
    deliverer: &Deliverer,
    messages: &'a [SqsMessage],
    deadline: InvocationDeadline,
) -> Delivered<'a> {
    let mut delivered = Delivered::default();
    for (position, message) in messages.iter().enumerate() {
        match deliverer.deliver(message, deadline).await {
            Next::Done => delivered.done.push(message),
            Next::Later(wait) => {
                let now = Instant::now();
                delivered.waiting.push((message, now + wait));
                delivered.waiting.extend(messages[position + 1..].iter().map(|behind| (behind, now)));
                break;
            }
        }
    }
    delivered
}

/// Deletes what is done and gives back what waits. What is not deleted now is when the batch returns; what is not given
/// back is seen again after the queue's visibility time-out.
async fn let_go(deliverer: &Deliverer, lane: Lane, delivered: Delivered<'_>) {
    let now = Instant::now();
    let done: Vec<String> = delivered.done.into_iter().map(receipt).collect();
    let waits: Vec<(String, Duration)> =
        delivered.waiting.into_iter().map(|(message, until)| (receipt(message), until - now)).collect();
    let queues = &deliverer.deliveries;
    let (deleted, given_back) = tokio::join!(queues.delete(lane, &done), queues.give_back(lane, &waits));
    for error in deleted.err().into_iter().chain(given_back.err()) {
        tracing::warn!(%error, "delivery.not_let_go");
    }
}

fn receipt(message: &SqsMessage) -> String {
    message.receipt_handle.clone().unwrap_or_default()
}
