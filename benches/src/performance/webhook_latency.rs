//! The latency from callback to webhook.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use shared::message::State;
use tests::test_stack::TestStack;
use tests::webhook_receiver::WebhookReceiver;

use crate::percentiles::Percentiles;
use crate::performance::arrivals::{arrive, poisson};
use crate::performance::latencies::Latencies;
use crate::progress::wait;
use crate::statuses::Statuses;

/// Callbacks a second.
pub const RATE: u64 = 50;
/// Callbacks before those that count: the first ones of a process go through the queue.
const WARM_UP: usize = 100;

/// Measures so many runs of so many callbacks, each about a message of its own.
pub async fn measure(program: &str, runs: usize, callbacks: usize) -> Latencies {
    let stack = Arc::new(TestStack::start(program).await);
    let sent = stack.send_text("15550100012", "reported by nobody").await;
    let statuses = Statuses::like(&stack, stack.wait_for_state(&sent, State::Sent).await);
    callback_to_webhook(&stack, &statuses, &stack.webhook, WARM_UP).await;
    let mut taken = Vec::new();
    for run in 1..=runs {
        eprintln!("callback to webhook: run {run} of {runs}");
        taken.push(callback_to_webhook(&stack, &statuses, &stack.webhook, callbacks).await);
    }
    Latencies::of(taken)
}

/// From the arrival of each callback, by the open model, to the webhook's call.
///
/// # Panics
/// When a callback is not acknowledged.
pub async fn callback_to_webhook(
    stack: &Arc<TestStack>,
    statuses: &Statuses<'_>,
    receiver: &WebhookReceiver,
    callbacks: usize,
) -> Percentiles {
    let (mut ids, mut bodies) = (Vec::new(), Vec::new());
    for _ in 0..callbacks {
        let (about, body) = statuses.delivered(1).await;
        ids.extend(about);
        bodies.push(body);
    }
    let before = receiver.count();
    let posting = stack.clone();
    let arrived = arrive(poisson(RATE as f64, callbacks), move |number, arrived| {
        let (stack, body) = (posting.clone(), bodies[number].clone());
        async move {
            assert_eq!(stack.post_callback(&body, None).await, 200);
            arrived
        }
    });
    let arrived = arrived.await;
    wait("webhooks", before + callbacks, || async { receiver.count() }).await;
    let notified = notified(receiver);
    Percentiles::of(
        ids.iter().zip(arrived).map(|(id, arrived)| notified[id.as_str()].duration_since(arrived)).collect(),
    )
}

/// When a receiver first received `message.delivered` for each message.
fn notified(receiver: &WebhookReceiver) -> HashMap<String, Instant> {
    let mut notified = HashMap::new();
    for call in receiver.calls().into_iter().filter(|call| call.event() == "message.delivered") {
        notified.entry(call.message_id().to_owned()).or_insert(call.at);
    }
    notified
}
