//! A batch from a delivery queue: conversations run concurrently, the messages of each in order.
//!
//! Messages that wait return to the queue in one call. Lambda deletes those that are done only when the whole batch has
//! returned, and until then their conversations are blocked: so when one call hangs, the others' messages are released
//! before.

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use lambda_runtime::LambdaEvent;
use shared::aws::sqs_batch::failure;
use tokio::time::{Instant, interval_at};

use crate::batch_result::BatchResult;
use crate::deliverer::{Deliverer, Next};
use crate::invocation_deadline::InvocationDeadline;

/// How long processed messages wait for the rest of their batch before they are released.
const RELEASE_INTERVAL: Duration = Duration::from_secs(1);

/// Delivers a batch and names the messages that stay in the queue.
pub async fn deliver(deliverer: &Deliverer, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let deadline = InvocationDeadline::from(&event.context);
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
/// visibility time-out must not be added to its wait.
async fn deliver_in_order<'a>(
    deliverer: &Deliverer,
    messages: &'a [SqsMessage],
    deadline: InvocationDeadline,
) -> BatchResult<'a> {
    let mut result = BatchResult::default();
    for (position, message) in messages.iter().enumerate() {
        match deliverer.deliver(message, deadline).await {
            Next::Done => result.done.push(message),
            Next::Later(wait) => {
                let now = Instant::now();
                result.waiting.push((message, now + wait));
                result.waiting.extend(messages[position + 1..].iter().map(|behind| (behind, now)));
                break;
            }
        }
    }
    result
}
