//! Telling one webhook of one event, and what follows when it is not taken.

use shared::account::Webhook;
use shared::account_table::AccountTable;
use shared::clock;
use shared::sealed::Sealer;

use crate::endpoint::Endpoints;
use crate::retry_queue::{QueueError, Retry, RetryQueue};
use crate::schedule;
use crate::signature;

/// Tells webhooks.
pub struct Teller {
    /// Where the webhooks stand.
    pub accounts: AccountTable,
    /// Where events wait.
    pub retries: RetryQueue,
    /// Calls the webhooks' endpoints.
    pub endpoints: Endpoints,
    /// Opens the webhooks' secrets.
    pub sealer: Sealer,
}

impl Teller {
    /// Makes one attempt. When it fails, the event waits for the next one, or is buried after the last.
    pub async fn tell(&self, webhook: &Webhook, mut retry: Retry) -> Result<(), QueueError> {
        let Some(reason) = self.attempt(webhook, &retry).await else {
            return Ok(());
        };
        retry.attempts += 1;
        tracing::warn!(webhook_id = %webhook.id, event_id = retry.id, attempts = retry.attempts, reason, "webhook.not_taken");
        let Some(wait) = schedule::wait_after(retry.attempts) else {
            tracing::error!(webhook_id = %webhook.id, event_id = retry.id, "webhook.exhausted");
            return self.retries.bury(&retry).await;
        };
        retry.due = clock::now().plus(wait);
        self.retries.enqueue(&retry).await
    }

    /// Why the webhook did not take the event, if it did not.
    async fn attempt(&self, webhook: &Webhook, retry: &Retry) -> Option<String> {
        let place = Webhook::secret_place(&webhook.account_id, &webhook.id);
        let secret = match self.sealer.open(&webhook.secret, &place) {
            Ok(secret) => secret,
            Err(error) => return Some(error.to_string()),
        };
        let signature = signature::sign(&secret, &retry.id, clock::now(), &retry.body);
        self.endpoints.call(&webhook.url, &signature, &retry.body).await.err().map(|error| error.to_string())
    }
}
