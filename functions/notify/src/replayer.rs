//! Replays: the events of a time that is past, put into the queue again, a page of messages at a time. Each has the id
//! that it had, so that a page that is done twice tells nothing new.

use futures::{TryStreamExt, stream};
use shared::account_table::AccountTable;
use shared::clock;
use shared::message::Message;
use shared::message_events;
use shared::message_table::MessageTable;
use shared::queue::QueueError;
use shared::webhook::Webhook;
use shared::webhook_queue::{Retry, WebhookQueue};
use shared::webhook_replay::ReplayStep;

use crate::queue_batch::NotNow;

/// Messages of one step: their events are in the queue well within the function's time-out.
const PAGE: usize = 100;
/// Events that are put into the queue side by side.
const SIDE_BY_SIDE: usize = 16;

/// Makes replays.
pub struct Replayer {
    /// Where the webhooks and the replays stand.
    pub accounts: AccountTable,
    /// What happened.
    pub messages: MessageTable,
    /// Where events and the next step go.
    pub queue: WebhookQueue,
}

impl Replayer {
    /// Makes one step, and has the next one made.
    pub async fn replay(&self, step: ReplayStep) -> Result<(), NotNow> {
        let webhook = self.accounts.webhook(&step.account_id, &step.webhook_id).await?;
        let Some(webhook) = webhook.filter(|webhook| webhook.active) else {
            return Ok(self.accounts.note_replayed(&step, 0, 0, true).await?);
        };
        let time = (step.since, step.until);
        let (messages, next) = self.messages.between(&step.instance_id, time, step.after.as_deref(), PAGE).await?;
        let events = self.tell_again(&webhook, &messages).await?;
        self.accounts.note_replayed(&step, messages.len(), events, next.is_none()).await?;
        if let Some(after) = next {
            self.queue.enqueue_replay(&ReplayStep { after: Some(after), ..step }).await?;
        }
        Ok(())
    }

    /// Puts what happened to these messages into the queue, and says how many events that were.
    async fn tell_again(&self, webhook: &Webhook, messages: &[Message]) -> Result<usize, QueueError> {
        let now = clock::now();
        let events = messages.iter().flat_map(|message| message_events::of_change(None, message));
        let wanted: Vec<_> = events.filter(|event| webhook.wants(&event.instance_id, event.name)).collect();
        let retries = wanted.iter().map(|event| Ok(Retry::first(event, webhook, now)));
        let put = |retry: Retry| async move { self.queue.enqueue(&retry).await };
        stream::iter(retries).try_for_each_concurrent(SIDE_BY_SIDE, put).await?;
        Ok(wanted.len())
    }
}
