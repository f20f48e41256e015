//! Telling one webhook of one event, and what follows when it is not taken.

use std::time::Duration;

use shared::account_table::AccountTable;
use shared::clock::{self, Timestamp};
use shared::delivery_log::DeliveryLog;
use shared::ids::LogId;
use shared::sealed::Sealer;
use shared::webhook::Webhook;
use shared::webhook_endpoint::{Delivered, Endpoints};
use shared::webhook_signature;

use crate::retry_queue::{QueueError, Retry, RetryQueue};
use crate::schedule;

/// Tells webhooks.
pub struct Teller {
    /// Where the webhooks stand, and their logs.
    pub accounts: AccountTable,
    /// Where events wait.
    pub retries: RetryQueue,
    /// Calls the webhooks' endpoints.
    pub endpoints: Endpoints,
    /// Opens the webhooks' secrets.
    pub sealer: Sealer,
    /// How long rows of a log are kept.
    pub retention: Duration,
}

/// An attempt that failed.
struct Failed {
    at: Timestamp,
    status_code: Option<u16>,
    response_time: u64,
    reason: String,
}

impl Teller {
    /// Makes one attempt. When it fails, the event waits for the next one, or is buried after the last; and the webhook's
    /// log has a row of it. A success costs no write.
    pub async fn tell(&self, webhook: &Webhook, mut retry: Retry) -> Result<(), QueueError> {
        let Some(failed) = self.attempt(webhook, &retry).await else {
            return Ok(());
        };
        retry.attempts += 1;
        let reason = failed.reason.as_str();
        tracing::warn!(webhook_id = %webhook.id, event_id = retry.id, attempts = retry.attempts, reason, "webhook.not_taken");
        let wait = schedule::wait_after(retry.attempts);
        if let Some(wait) = wait {
            retry.due = clock::now().plus(wait);
            self.retries.enqueue(&retry).await?;
        } else {
            tracing::error!(webhook_id = %webhook.id, event_id = retry.id, "webhook.exhausted");
            self.retries.bury(&retry).await?;
        }
        self.log(webhook, &retry, failed, wait.is_some()).await;
        Ok(())
    }

    /// How the webhook did not take the event, if it did not.
    async fn attempt(&self, webhook: &Webhook, retry: &Retry) -> Option<Failed> {
        let now = clock::now();
        let secrets = match webhook.secrets(&self.sealer, now) {
            Ok(secrets) => secrets,
            Err(error) => {
                return Some(Failed { at: now, status_code: None, response_time: 0, reason: error.to_string() });
            }
        };
        let signature = webhook_signature::sign(&secrets, &retry.id, now, &retry.body);
        let Delivered { status_code, response_time, error } =
            self.endpoints.call(&webhook.url, &signature, &retry.body).await;
        error.map(|error| Failed { at: now, status_code, response_time, reason: error.to_string() })
    }

    /// The event is safe by now, so a row that can't be written is only reported.
    async fn log(&self, webhook: &Webhook, retry: &Retry, failed: Failed, is_tried_again: bool) {
        let row = DeliveryLog {
            id: LogId::generate(),
            event: retry.event.clone(),
            succeeded: false,
            status_code: failed.status_code,
            response_time: failed.response_time,
            timestamp: failed.at,
            error: Some(failed.reason),
            retry_count: retry.attempts - 1,
            next_retry_at: is_tried_again.then_some(retry.due),
            forget_at: failed.at.plus(self.retention).secs(),
        };
        if let Err(error) = self.accounts.put_log(&webhook.id, &row).await {
            tracing::error!(webhook_id = %webhook.id, %error, "webhook.not_logged");
        }
    }
}
