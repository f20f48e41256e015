//! A batch from a delivery queue: conversations run concurrently, the messages of each in order.
//!
//! Messages that wait return to the queue in one call. Lambda deletes those that are done only when the whole batch has
//! returned, and until then their conversations are blocked: so when one call hangs, the others' messages are released
//! before.
//!
//! While a call hangs or a message waits for its slot, the invocation receives more messages itself. Otherwise a number whose
//! calls hang, or whose messages wait, would soon hold every batch that Lambda processes at the same time, and all other
//! numbers would wait for it.

use std::time::{Duration, SystemTime};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use lambda_runtime::LambdaEvent;
use shared::aws::sqs_batch::failure;
use shared::lease::remaining;
use shared::ledger::Lane;
use shared::message::DeliveryQueues;
use tokio::time::{Instant, interval_at, sleep};

use crate::deliverer::Deliverer;
use crate::slot_waits::RELEASE_INTERVAL;
use crate::time_left::last_receive;

/// How long a receive waits for messages (Amazon SQS, ReceiveMessage).
const RECEIVE_TIME: Duration = Duration::from_secs(1);
/// The most conversations of one invocation: about 10 KB of memory each.
const MAX_CONVERSATIONS: usize = 200;

/// Who received a message: Lambda, which deletes it with its batch and must be told when it stays, or this invocation.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    Lambda,
    Invocation,
}

/// Messages that were processed.
#[derive(Default)]
struct BatchResult {
    /// Messages that leave the queue.
    done: Vec<(SqsMessage, Source)>,
    /// Messages that stay, and when they are received again.
    waiting: Vec<(SqsMessage, Instant)>,
}

impl BatchResult {
    /// Deletes the messages that are done and returns those that wait. A message that cannot be deleted is deleted when the
    /// batch returns; one that cannot be returned is received again after the queue's visibility timeout.
    async fn release(self, queues: &DeliveryQueues, lane: Lane) {
        let now = Instant::now();
        let done: Vec<String> = self.done.into_iter().map(|(message, _)| receipt(message)).collect();
        let waits: Vec<(String, Duration)> =
            self.waiting.into_iter().map(|(message, until)| (receipt(message), until - now)).collect();
        let (deleted, returned) =
            tokio::join!(queues.delete_batch(lane, &done), queues.change_visibility(lane, &waits));
        for error in deleted.err().into_iter().chain(returned.err()) {
            tracing::warn!(%error, "sqs.release_failed");
        }
    }
}

fn receipt(message: SqsMessage) -> String {
    message.receipt_handle.unwrap_or_default()
}

/// Delivers a batch and names the messages that stay in the queue.
pub async fn deliver(deliverer: &Deliverer, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let deadline = event.context.deadline();
    let messages = event.payload.records;
    let arn = messages.first().and_then(|message| message.event_source_arn.as_deref()).unwrap_or_default();
    let lane = deliverer.queues.lane(arn);
    let start = |messages, source| {
        let conversations = by_conversation(messages).into_iter();
        conversations.map(move |messages| deliver_in_order(deliverer, messages, (lane, source), deadline))
    };
    let mut running: FuturesUnordered<_> = start(messages, Source::Lambda).collect();
    let (mut releasing, mut receiving) = (FuturesUnordered::new(), FuturesUnordered::new());
    let (mut processed, mut response) = (BatchResult::default(), SqsBatchResponse::default());
    let least = last_receive();
    let mut release = interval_at(Instant::now() + RELEASE_INTERVAL, RELEASE_INTERVAL);
    while !running.is_empty() || !receiving.is_empty() {
        let has_room = running.len() < MAX_CONVERSATIONS && remaining(deadline) > least;
        let may_receive = has_room && receiving.is_empty();
        if may_receive && deliverer.slot_waits.has_room_for_more() {
            receiving.push(receive(deliverer, lane));
        }
        tokio::select! {
            Some((result, source)) = running.next() => {
                if source == Source::Lambda {
                    response.batch_item_failures.extend(result.waiting.iter().map(|(message, _)| failure(message)));
                }
                processed.done.extend(result.done);
                processed.waiting.extend(result.waiting);
            }
            Some(messages) = receiving.next() => {
                if has_room && !Vec::is_empty(&messages) && deliverer.waits() && !deliverer.slot_waits.is_full() {
                    receiving.push(receive(deliverer, lane));
                }
                running.extend(start(messages, Source::Invocation));
            }
            _ = release.tick() => {
                releasing.push(std::mem::take(&mut processed).release(&deliverer.queues, lane));
                if may_receive && receiving.is_empty() && deliverer.waits() {
                    receiving.push(receive(deliverer, lane));
                }
            }
            Some(()) = releasing.next() => {}
            () = deliverer.slot_waits.begun(), if may_receive && receiving.is_empty() => {}
        }
    }
    processed.done.retain(|(_, source)| *source == Source::Invocation); // Lambda deletes the others
    releasing.push(processed.release(&deliverer.queues, lane));
    releasing.collect::<()>().await;
    response
}

/// Receives more messages, which this invocation processes and deletes. A receive that fails lasts as long as one that finds
/// nothing: the next one follows at once.
async fn receive(deliverer: &Deliverer, lane: Lane) -> Vec<SqsMessage> {
    match deliverer.queues.receive(lane, RECEIVE_TIME).await {
        Ok(messages) => messages,
        Err(error) => {
            tracing::warn!(%error, "sqs.receive_failed");
            sleep(RECEIVE_TIME).await;
            Vec::new()
        }
    }
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
async fn deliver_in_order(
    deliverer: &Deliverer,
    messages: Vec<SqsMessage>,
    (lane, source): (Lane, Source),
    deadline: SystemTime,
) -> (BatchResult, Source) {
    let mut result = BatchResult::default();
    let mut messages = messages.into_iter();
    while let Some(message) = messages.next() {
        match deliverer.deliver(&message, (lane, !result.done.is_empty()), deadline).await {
            None => result.done.push((message, source)),
            Some(wait) => {
                let now = Instant::now();
                result.waiting.push((message, now + wait));
                result.waiting.extend(messages.map(|behind| (behind, now)));
                break;
            }
        }
    }
    (result, source)
}
