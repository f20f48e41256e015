//! Replays: past events, enqueued again a page of messages at a time. Each keeps its original id, so that a repeated page
//! publishes nothing new.

use futures::{TryStreamExt, stream};
use shared::aws::{ProcessingError, QueueError};
use shared::clock;
use shared::message::{Message, events};
use shared::webhook::{ReplayStep, Webhook, WebhookDelivery};

use crate::dispatcher::Dispatcher;

/// Messages of one step: their events are enqueued well within the function's timeout.
const PAGE: usize = 100;
/// Events that are enqueued concurrently.
const MAX_CONCURRENCY: usize = 16;

impl Dispatcher {
    /// Runs one step of a replay and enqueues the next.
    pub async fn replay(&self, step: ReplayStep) -> Result<(), ProcessingError> {
        let webhook = self.accounts.webhook(&step.account_id, &step.webhook_id).await?;
        let Some(webhook) = webhook.filter(|webhook| webhook.active) else {
            return Ok(self.accounts.record_replay_step(&step, 0, 0, true).await?);
        };
        let period = (step.since, step.until);
        let (messages, next) = self.messages.in_period(&step.instance_id, period, step.after.as_deref(), PAGE).await?;
        let events = self.enqueue_events(&webhook, &messages).await?;
        self.accounts.record_replay_step(&step, messages.len(), events, next.is_none()).await?;
        if let Some(after) = next {
            self.queue.enqueue_replay(&ReplayStep { after: Some(after), ..step }).await?;
        }
        Ok(())
    }

    /// Enqueues the events of messages and returns how many they were.
    async fn enqueue_events(&self, webhook: &Webhook, messages: &[Message]) -> Result<usize, QueueError> {
        let now = clock::now();
        let events = messages.iter().flat_map(|message| events::between(None, message));
        let subscribed: Vec<_> = events.filter(|event| webhook.subscribes_to(&event.instance_id, event.name)).collect();
        let deliveries = subscribed.iter().map(|event| Ok(WebhookDelivery::new(event, webhook, now)));
        let enqueue = |delivery: WebhookDelivery| async move { self.queue.enqueue(&delivery).await };
        stream::iter(deliveries).try_for_each_concurrent(MAX_CONCURRENCY, enqueue).await?;
        Ok(subscribed.len())
    }
}
