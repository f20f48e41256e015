//! A batch from the delivery queue: conversations side by side, the messages of each in order.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::future::join_all;
use lambda_runtime::{Context, LambdaEvent};

use crate::attempt::{Deliverer, Next};

/// When this invocation must have ended, by the wall clock that Lambda counts by.
#[derive(Clone, Copy, Debug)]
pub struct InvocationDeadline(SystemTime);

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
    let conversations = by_conversation(event.payload.records);
    let left = join_all(conversations.iter().map(|messages| deliver_in_order(deliverer, messages, deadline))).await;
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = left.into_iter().flatten().collect();
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
    messages: &[SqsMessage],
    deadline: InvocationDeadline,
) -> Vec<BatchItemFailure> {
    for (position, message) in messages.iter().enumerate() {
        if let Next::Later(wait) = deliverer.deliver(message, deadline).await {
            let waiting = &messages[position..];
            give_back(deliverer, waiting, wait).await;
            return waiting.iter().map(failure).collect();
        }
    }
    Vec::new()
}

/// The head is seen again after its wait and those behind it at once: they are blocked by the head anyway, and the
/// queue's long visibility time-out must not be added to its wait.
async fn give_back(deliverer: &Deliverer, waiting: &[SqsMessage], wait: Duration) {
    let waits = waiting.iter().enumerate().map(|(position, message)| {
        let wait = if position == 0 { wait } else { Duration::ZERO };
        deliverer.deliveries.give_back(message.receipt_handle.as_deref().unwrap_or_default(), wait)
    });
    for error in join_all(waits).await.into_iter().filter_map(Result::err) {
        tracing::warn!(%error, "delivery.give_back_failed"); // seen again after the queue's visibility time-out
    }
}

fn failure(message: &SqsMessage) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message.message_id.clone().unwrap_or_default();
    failure
}
