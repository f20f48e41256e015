//! Replays: past events, enqueued again a page of messages at a time. Each keeps its original id, so that a repeated page
//! publishes nothing new.

use std::time::Duration;

use futures::{TryStreamExt, stream};
use shared::account::Admission;
use shared::aws::{ProcessingError, QueueError};
use shared::clock;
use shared::event::Event;
use shared::webhook::{RUNNING_REPLAYS, ReplayStep, Webhook, WebhookDelivery};

use crate::dispatcher::Dispatcher;

/// Pages of one step: they are read well within the function's timeout.
const MAX_PAGES: usize = 20;
/// Events after which a step ends, with those of its last page.
const MAX_EVENTS: usize = 100;
/// The time between two steps. New events of the account come in between.
const STEP_DELAY: Duration = Duration::from_secs(1);
/// How long a replay waits whose webhook has another one in progress: it lost its turn because it could not run for long.
const TURN_DELAY: Duration = Duration::from_secs(60);
/// How long a replay waits whose account has replayed as much as it may.
const QUOTA_DELAY: Duration = Duration::from_secs(5 * 60);
/// Events that are enqueued concurrently.
const MAX_CONCURRENCY: usize = 4;

/// What a step has done.
#[derive(Default)]
struct Progress {
    messages: usize,
    events: usize,
}

impl Dispatcher {
    /// Runs one step of a replay and enqueues the next.
    pub async fn replay(&self, step: ReplayStep) -> Result<(), ProcessingError> {
        let webhook = self.accounts.webhook(&step.account_id, &step.webhook_id).await?;
        let Some(webhook) = webhook.filter(|webhook| webhook.active) else {
            return self.finish(&step, &Progress::default()).await;
        };
        if RUNNING_REPLAYS.acquire(&self.accounts, step.operation()).await? != Admission::Admitted {
            return Ok(self.queue.enqueue_replay(&step, TURN_DELAY).await?);
        }
        // Before the step, and as much as it may have: an account with little left would have one free step after the other.
        if !self.replay_quota.take(&step.account_id, i64::try_from(MAX_EVENTS).unwrap_or(i64::MAX)).await? {
            tracing::info!(webhook_id = %step.webhook_id, replay_id = %step.replay_id, "webhook.replay_over_quota");
            return Ok(self.queue.enqueue_replay(&step, QUOTA_DELAY).await?);
        }
        let mut progress = Progress::default();
        let Some(next) = self.replay_pages(&webhook, step.clone(), &mut progress).await? else {
            return self.finish(&step, &progress).await;
        };
        self.accounts.record_replay_step(&step, progress.messages, progress.events, false).await?;
        Ok(self.queue.enqueue_replay(&next, STEP_DELAY).await?)
    }

    /// Enqueues the events of some pages and returns the next step, if there is one.
    async fn replay_pages(
        &self,
        webhook: &Webhook,
        mut step: ReplayStep,
        progress: &mut Progress,
    ) -> Result<Option<ReplayStep>, ProcessingError> {
        for _ in 0..MAX_PAGES {
            let page = self.replay_page(&step).await?;
            progress.messages += page.messages;
            progress.events += self.enqueue_events(webhook, &page.events).await?;
            let Some(next) = page.next else {
                return Ok(None);
            };
            step = next;
            if progress.events >= MAX_EVENTS {
                break;
            }
        }
        Ok(Some(step))
    }

    /// Makes room for another replay, then shows this one as done.
    async fn finish(&self, step: &ReplayStep, progress: &Progress) -> Result<(), ProcessingError> {
        RUNNING_REPLAYS.release(&self.accounts, step.operation()).await?;
        Ok(self.accounts.record_replay_step(step, progress.messages, progress.events, true).await?)
    }

    /// Enqueues the events that the webhook subscribes to, and returns how many they were.
    async fn enqueue_events(&self, webhook: &Webhook, events: &[Event]) -> Result<usize, QueueError> {
        let now = clock::now();
        let is_subscribed = |event: &&Event| webhook.subscribes_to(&event.instance_id, &event.name);
        let subscribed: Vec<_> = events.iter().filter(is_subscribed).collect();
        let enqueue = |event| async move { self.queue.enqueue(&WebhookDelivery::new(event, webhook, now)).await };
        stream::iter(subscribed.iter().copied().map(Ok)).try_for_each_concurrent(MAX_CONCURRENCY, enqueue).await?;
        Ok(subscribed.len())
    }
}
