//! From an event to its webhooks. A stream, whose records wait for each other, does a bounded part of this for each event:
//! an event for many webhooks is enqueued once, in the turn of its account, and for each webhook from there.

use futures::future::join_all;
use futures::{TryStreamExt, stream};
use shared::aws::ProcessingError;
use shared::clock;
use shared::event::Event;
use shared::webhook::{FanOut, Webhook, WebhookDelivery};

use crate::dispatcher::Dispatcher;

/// The most webhooks to which an event is published from a stream.
const MAX_FROM_STREAM: usize = 5;
/// The most bytes of their bodies together: a batch of such events fits into the function's memory.
const MAX_BYTES_FROM_STREAM: usize = 256 * 1024;
/// The most bytes of deliveries that are enqueued in one step: a batch of such steps fits into the memory, and takes no longer
/// than an endpoint may.
const MAX_BYTES_PER_STEP: usize = 1024 * 1024;
/// Deliveries of one event that are enqueued concurrently.
const MAX_CONCURRENCY: usize = 8;

impl Dispatcher {
    /// Publishes an event from a stream to those of its account's webhooks that subscribe to it. Returns the failures.
    pub async fn publish_event(&self, event: &Event, of_account: &[Webhook]) -> Vec<ProcessingError> {
        let subscribed: Vec<_> = subscribed(event, of_account).collect();
        if !is_bounded(event, subscribed.len()) {
            return self.queue.enqueue_event(event, None).await.err().map(ProcessingError::from).into_iter().collect();
        }
        let now = clock::now();
        let publish = |webhook| self.publish(webhook, WebhookDelivery::new(event, webhook, now));
        join_all(subscribed.into_iter().map(publish)).await.into_iter().filter_map(Result::err).collect()
    }

    /// Enqueues an event for the webhooks that subscribe to it, and what is too much for one step once more. An event that
    /// is received again is enqueued again, with the same ids.
    pub async fn fan_out(&self, FanOut { event, after }: &FanOut) -> Result<(), ProcessingError> {
        let webhooks = self.accounts.webhooks(&event.account_id).await?; // in the order of their ids
        let is_next = |webhook: &&Webhook| after.as_ref().is_none_or(|after| *after < webhook.id);
        let mut next: Vec<_> = subscribed(event, &webhooks).filter(is_next).collect();
        let rest = next.split_off(next.len().min((MAX_BYTES_PER_STEP / event.body.len().max(1)).max(1)));
        let last = next.last().filter(|_| !rest.is_empty()).map(|webhook| webhook.id.clone());
        let now = clock::now();
        let enqueue = |webhook| async move { self.queue.enqueue(&WebhookDelivery::new(event, webhook, now)).await };
        stream::iter(next.into_iter().map(Ok)).try_for_each_concurrent(MAX_CONCURRENCY, enqueue).await?;
        if last.is_some() {
            self.queue.enqueue_event(event, last).await?;
        }
        Ok(())
    }
}

fn subscribed<'a>(event: &Event, webhooks: &'a [Webhook]) -> impl Iterator<Item = &'a Webhook> {
    webhooks.iter().filter(|webhook| webhook.subscribes_to(&event.instance_id, &event.name))
}

/// Whether a stream may publish an event to so many webhooks itself. One queue message for one webhook is the least.
const fn is_bounded(event: &Event, webhooks: usize) -> bool {
    webhooks <= 1 || webhooks <= MAX_FROM_STREAM && webhooks * event.body.len() <= MAX_BYTES_FROM_STREAM
}
