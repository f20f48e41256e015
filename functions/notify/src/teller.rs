//! Telling one webhook of one event, and what follows when it is not taken.

use std::time::Duration;

use shared::account_table::AccountTable;
use shared::clock::{self, Timestamp};
use shared::delivery_log::DeliveryLog;
use shared::ids::LogId;
use shared::metrics::{self, Metric};
use shared::queue::QueueError;
use shared::sealed::Sealer;
use shared::webhook::Webhook;
use shared::webhook_endpoint::{Delivered, Endpoints};
use shared::webhook_queue::{MAX_DELAY, Retry, WebhookQueue};
use shared::webhook_signature;

use crate::dead_letters::DeadLetters;
use crate::operator::Operator;
use crate::schedule;
use crate::seen::Seen;

/// An endpoint that answers so is gone for good (RFC 9110, 15.5.11).
const GONE: u16 = 410;

/// Tells webhooks.
pub struct Teller {
    /// Where the webhooks stand, and their logs.
    pub accounts: AccountTable,
    /// Where events wait.
    pub queue: WebhookQueue,
    /// Where they end that no attempt got through.
    pub dead_letters: DeadLetters,
    /// Who is told of that.
    pub operator: Operator,
    /// Calls the webhooks' endpoints.
    pub endpoints: Endpoints,
    /// Which of them answer quickly.
    pub seen: Seen,
    /// Opens the webhooks' secrets.
    pub sealer: Sealer,
    /// How long rows of a log are kept.
    pub retention: Duration,
}

impl Teller {
    /// Tells a webhook that was seen to answer quickly at once, and any other from the queue: a shard waits for nobody.
    pub async fn tell_from_stream(&self, webhook: &Webhook, retry: Retry) -> Result<(), QueueError> {
        if self.seen.is_quick(&webhook.id) { self.tell(webhook, retry).await } else { self.queue.enqueue(&retry).await }
    }

    /// Makes one attempt, unless the endpoint is left alone. When it fails, the event waits for the next one, or is
    /// buried after the last; and the webhook's log has a row of it. A success costs no write.
    pub async fn tell(&self, webhook: &Webhook, mut retry: Retry) -> Result<(), QueueError> {
        let now = clock::now();
        if schedule::has_ended(retry.first, now) {
            return self.give_up(webhook, &retry, "was left alone until its schedule ended").await;
        }
        if let Some(until) = webhook.left_alone_until(now) {
            retry.due = now.plus(schedule::with_jitter(now.until(until))); // a hand-over is not an attempt
            return self.queue.enqueue(&retry).await;
        }
        let delivered = self.attempt(webhook, &retry, now).await;
        self.seen.note(&webhook.id, delivered.error.is_none(), Duration::from_millis(delivered.response_time));
        retry.attempts += 1;
        if delivered.error.is_some() {
            return self.not_taken(webhook, retry, delivered, now).await;
        }
        metrics::count(Metric::WebhooksTold);
        self.note(webhook, self.accounts.note_success(webhook).await);
        if webhook.log_success {
            self.log(webhook, row(&retry, &delivered, now, self.retention)).await;
        }
        Ok(())
    }

    async fn attempt(&self, webhook: &Webhook, retry: &Retry, now: Timestamp) -> Delivered {
        match webhook.secrets(&self.sealer, now) {
            Ok(secrets) => {
                let signature = webhook_signature::sign(&secrets, &retry.id, now, &retry.body);
                self.endpoints.call(&webhook.url, &signature, &retry.body).await
            }
            Err(error) => Delivered::not_called(error.into()),
        }
    }

    async fn not_taken(
        &self,
        webhook: &Webhook,
        mut retry: Retry,
        delivered: Delivered,
        now: Timestamp,
    ) -> Result<(), QueueError> {
        let reason = delivered.error.as_ref().map(ToString::to_string).unwrap_or_default();
        metrics::count(Metric::WebhooksNotTaken);
        tracing::warn!(webhook_id = %webhook.id, event_id = retry.id, attempts = retry.attempts, reason, "webhook.not_taken");
        self.note(webhook, self.accounts.note_failure(webhook, now).await);
        let gone = delivered.status_code == Some(GONE);
        if gone || webhook.is_given_up(now) {
            let why = if gone { "it answered 410: it is gone" } else { "it has done nothing but fail for five days" };
            self.disable(webhook, why).await?;
        }
        let wait = schedule::wait_after(retry.attempts, delivered.retry_after).filter(|_| !gone);
        let mut row = row(&retry, &delivered, now, self.retention);
        let Some(wait) = wait else {
            self.log(webhook, row).await;
            return self.give_up(webhook, &retry, &reason).await;
        };
        retry.due = now.plus(wait);
        row.next_retry_at = Some(retry.due);
        if wait <= MAX_DELAY {
            self.queue.enqueue(&retry).await?;
            self.log(webhook, row).await;
            return Ok(());
        }
        // Longer than the queue holds anything: it waits in its row, and `settle` puts it into the queue.
        match self.accounts.put_log(&webhook.id, &row.with_waiting(retry.clone())).await {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::error!(webhook_id = %webhook.id, %error, "webhook.not_logged");
                self.queue.enqueue(&retry).await // which is put in again until it is due
            }
        }
    }

    /// Keeps an event for which no attempt is left, and tells the operator.
    async fn give_up(&self, webhook: &Webhook, retry: &Retry, reason: &str) -> Result<(), QueueError> {
        metrics::count(Metric::WebhooksExhausted);
        tracing::error!(webhook_id = %webhook.id, event_id = retry.id, "webhook.exhausted");
        self.dead_letters.bury(retry).await?;
        self.operator.tell_exhausted(webhook, retry, reason).await
    }

    async fn disable(&self, webhook: &Webhook, reason: &str) -> Result<(), QueueError> {
        match self.accounts.disable_webhook(webhook, reason).await {
            Ok(true) => {
                metrics::count(Metric::WebhooksDisabled);
                tracing::error!(webhook_id = %webhook.id, reason, "webhook.disabled");
                self.operator.tell_disabled(webhook, reason).await
            }
            noted => {
                self.note(webhook, noted.map(drop));
                Ok(())
            }
        }
    }

    /// The event is safe by now, so a row that can't be written is only reported.
    async fn log(&self, webhook: &Webhook, row: DeliveryLog) {
        if let Err(error) = self.accounts.put_log(&webhook.id, &row).await {
            tracing::error!(webhook_id = %webhook.id, %error, "webhook.not_logged");
        }
    }

    /// How an endpoint does is noted again at its next attempt, if it can't be now.
    fn note(&self, webhook: &Webhook, noted: Result<(), impl std::fmt::Display>) {
        if let Err(error) = noted {
            tracing::error!(webhook_id = %webhook.id, %error, "webhook.not_noted");
        }
    }
}

fn row(retry: &Retry, delivered: &Delivered, at: Timestamp, retention: Duration) -> DeliveryLog {
    DeliveryLog {
        id: LogId::generate(),
        event: retry.event.clone(),
        event_id: retry.id.clone(),
        subject: Some(retry.subject.clone()),
        succeeded: delivered.error.is_none(),
        status_code: delivered.status_code,
        response_time: delivered.response_time,
        timestamp: at,
        error: delivered.error.as_ref().map(ToString::to_string),
        retry_count: retry.attempts - 1,
        response: delivered.response.clone(),
        next_retry_at: None,
        retry: None,
        waits: None,
        due: None,
        forget_at: at.plus(retention).secs(),
    }
}
