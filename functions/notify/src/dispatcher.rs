//! The dispatcher: delivers one event to one webhook, and decides what follows a failed attempt.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use shared::account::DailyQuota;
use shared::aws::{AccountsTable, MAX_QUEUE_DELAY, ProcessingError, Queue, QueueError, TableError};
use shared::cache::Cache;
use shared::clock::{self, Timestamp};
use shared::ids::AccountId;
use shared::jitter::with_jitter;
use shared::message::MessageRepository;
use shared::observability::{Metric, metrics};
use shared::security::{DecryptionError, SecretCache, SecretCipher};
use shared::webhook::waiting::LISTED;
use shared::webhook::{
    AttemptResult, DeadLetter, DeliveryLog, DisabledReason, EndpointClient, Webhook, WebhookDelivery, WebhookQueue,
    signature,
};

use crate::fast_endpoints::FastEndpoints;
use crate::retry_schedule::{self, JITTER};

/// The status of an endpoint that was removed permanently (RFC 9110, 15.5.11).
const GONE: u16 = 410;
/// How long an event waits whose webhook's secret cannot be decrypted yet.
const KEY_WAIT: Duration = Duration::from_secs(60);
/// Why an event is given up whose endpoint could not be called for too long.
const SCHEDULE_OVER: &str = "The circuit stayed open until the retry schedule ended: the event is a dead letter.";

/// What is kept of a stream record that cannot be read: what identifies it, and why it cannot be read.
#[derive(Serialize)]
pub struct UnreadableRecord {
    /// The item's key.
    pub keys: Value,
    /// The record's number in its shard.
    pub sequence_number: Value,
    /// The error.
    pub error: String,
}

/// Delivers events to webhooks.
pub struct Dispatcher {
    /// The table with the webhooks, their logs and their replays.
    pub accounts: AccountsTable,
    /// The records, which replays read.
    pub messages: MessageRepository,
    /// The queue of deliveries that wait, and of replays.
    pub queue: WebhookQueue,
    /// Events whose attempts all failed.
    pub dead_letters: Queue<WebhookDelivery>,
    /// What identifies stream records that cannot be read.
    pub unreadable_records: Queue<UnreadableRecord>,
    /// Calls the endpoints.
    pub endpoints: EndpointClient,
    /// The endpoints that are known to be fast.
    pub fast_endpoints: FastEndpoints,
    /// The accounts that this process has listed as having deliveries that wait.
    pub listed: Cache<AccountId, ()>,
    /// How many events accounts may replay.
    pub replay_quota: DailyQuota,
    /// Decrypts the webhooks' secrets.
    pub cipher: SecretCache<SecretCipher>,
    /// How long rows of a log are kept.
    pub retention: Duration,
}

impl Dispatcher {
    /// Delivers an event at once to a fast endpoint, and to any other from the queue: a shard waits for no endpoint.
    pub async fn publish(&self, webhook: &Webhook, delivery: WebhookDelivery) -> Result<(), ProcessingError> {
        if self.fast_endpoints.contains(webhook, clock::now()) {
            return self.deliver(webhook, delivery).await;
        }
        Ok(self.queue.enqueue(&delivery).await?)
    }

    /// Makes one attempt, unless the event's message was erased or the endpoint's circuit is open. A failed attempt is
    /// logged, and the delivery waits for the next one or, after the last, becomes a dead letter. A successful attempt costs
    /// no write, but one in some hours.
    pub async fn deliver(&self, webhook: &Webhook, delivery: WebhookDelivery) -> Result<(), ProcessingError> {
        if self.is_erased(webhook, &delivery).await? {
            tracing::info!(webhook_id = %webhook.id, event_id = delivery.id, "webhook.event_erased");
            return Ok(());
        }
        Ok(self.deliver_existing(webhook, delivery).await?)
    }

    /// Whether the message that an event is about was erased. Read before each attempt, but only if the message is from before
    /// an erasure in the account: the webhook, which was just read, says so.
    async fn is_erased(&self, webhook: &Webhook, delivery: &WebhookDelivery) -> Result<bool, TableError> {
        match delivery.message() {
            Some(message) if webhook.checks_erasure(delivery.message_at, clock::now()) => {
                self.messages.is_erased(&message).await
            }
            _ => Ok(false),
        }
    }

    async fn deliver_existing(&self, webhook: &Webhook, mut delivery: WebhookDelivery) -> Result<(), QueueError> {
        let now = clock::now();
        if retry_schedule::has_ended(delivery.first, now) {
            return self.give_up_unattempted(webhook, &delivery, SCHEDULE_OVER).await;
        }
        if let Some(until) = webhook.circuit_open_until(now) {
            delivery.due = now.plus(with_jitter(now.until(until), JITTER)); // a postponement is not an attempt
            return self.queue.enqueue(&delivery).await;
        }
        let Some(result) = self.attempt(webhook, &delivery, now).await else {
            delivery.due = now.plus(with_jitter(KEY_WAIT, JITTER)); // no attempt was made
            return self.queue.enqueue(&delivery).await;
        };
        let duration = Duration::from_millis(result.response_time);
        let noted = match self.fast_endpoints.record(webhook, result.error.is_none(), duration, now) {
            true if self.fast_endpoints.is_to_be_noted(webhook, now) => self.accounts.note_fast(webhook, now).await,
            true => Ok(()),
            false => self.accounts.note_slow(webhook, now).await,
        };
        self.report(webhook, "speed", noted);
        delivery.attempts += 1;
        if result.error.is_some() {
            return self.after_failure(webhook, delivery, result, now).await;
        }
        metrics::count(Metric::WebhooksDelivered);
        self.report(webhook, "circuit_breaker", self.accounts.record_success(webhook).await);
        if webhook.log_success {
            self.log(webhook, &DeliveryLog::new(&delivery, &result, now, self.retention)).await;
        }
        Ok(())
    }

    /// None when this process does not have the key of the webhook's secret.
    async fn attempt(&self, webhook: &Webhook, delivery: &WebhookDelivery, now: Timestamp) -> Option<AttemptResult> {
        match self.cipher.decrypt(|cipher| webhook.secrets(cipher, now)).await {
            Ok(secrets) => {
                let signature = signature::sign(&secrets, &delivery.id, now, &delivery.body);
                Some(self.endpoints.call(&webhook.url, &signature, &delivery.body).await)
            }
            Err(DecryptionError::UnknownKey) => {
                metrics::count(Metric::KeysUnknown);
                tracing::error!(webhook_id = %webhook.id, event_id = delivery.id, "webhook_secret.key_unknown");
                None
            }
            Err(error) => Some(AttemptResult::without_response(error.into())),
        }
    }

    async fn after_failure(
        &self,
        webhook: &Webhook,
        mut delivery: WebhookDelivery,
        result: AttemptResult,
        now: Timestamp,
    ) -> Result<(), QueueError> {
        let reason = result.error.as_ref().map(ToString::to_string).unwrap_or_default();
        metrics::count(Metric::WebhookAttemptsFailed);
        let (webhook_id, attempts) = (&webhook.id, delivery.attempts);
        tracing::warn!(%webhook_id, event_id = delivery.id, attempts, reason, "webhook.delivery_failed");
        self.report(webhook, "circuit_breaker", self.accounts.record_failure(webhook, &reason, now).await);
        let is_gone = result.status_code == Some(GONE);
        if is_gone || webhook.has_failed_too_long(now) {
            self.disable(webhook, if is_gone { DisabledReason::Gone } else { DisabledReason::FailedTooLong }).await?;
        }
        let mut row = DeliveryLog::new(&delivery, &result, now, self.retention);
        let wait = retry_schedule::wait_after(delivery.attempts, result.retry_after).filter(|_| !is_gone);
        let Some(wait) = wait else {
            self.log(webhook, &row).await;
            return self.give_up(webhook, &delivery, &reason).await;
        };
        delivery.due = now.plus(wait);
        row.next_retry_at = Some(delivery.due);
        self.postpone(webhook, delivery, row, now).await
    }

    /// Keeps a delivery until its next attempt: in the queue or, for longer than the queue can hold it, in its log row.
    async fn postpone(
        &self,
        webhook: &Webhook,
        delivery: WebhookDelivery,
        row: DeliveryLog,
        now: Timestamp,
    ) -> Result<(), QueueError> {
        if now.until(delivery.due) <= MAX_QUEUE_DELAY {
            self.queue.enqueue(&delivery).await?;
            self.log(webhook, &row).await;
            return Ok(());
        }
        let account = &delivery.account_id;
        if self.log(webhook, &row.with_waiting(delivery.clone())).await && self.list_waiting(account, now).await {
            return Ok(());
        }
        self.queue.enqueue(&delivery).await // which enqueues it again until it is due
    }

    /// Lists an account with a delivery that waits in its log, unless this process has just done so. `false` when that
    /// failed.
    async fn list_waiting(&self, account: &AccountId, now: Timestamp) -> bool {
        if self.listed.get(account).is_some() {
            return true;
        }
        let listed = self.accounts.list_waiting(account, now).await;
        match &listed {
            Ok(()) => self.listed.put(account.clone(), (), LISTED),
            Err(error) => tracing::error!(account_id = %account, %error, "waiting_account.list_failed"),
        }
        listed.is_ok()
    }

    /// Keeps an event for which no attempt is left, and notifies the operator.
    async fn give_up(&self, webhook: &Webhook, delivery: &WebhookDelivery, reason: &str) -> Result<(), QueueError> {
        metrics::count(Metric::WebhooksExhausted);
        tracing::error!(webhook_id = %webhook.id, event_id = delivery.id, "webhook.exhausted");
        self.dead_letters.enqueue(&delivery.dead_letter()).await?;
        let (now, forget_at) = self.dead_letter_times();
        self.list_dead_letter(&DeadLetter::event(webhook, delivery, reason, now, forget_at)).await;
        self.publish_exhausted(webhook, delivery, reason).await
    }

    /// Lists what was given up. It is in its queue already, so a failure is only reported.
    pub async fn list_dead_letter(&self, letter: &DeadLetter) {
        if let Err(error) = self.accounts.put_dead_letter(letter).await {
            tracing::error!(dead_letter_id = %letter.id, %error, "dead_letter.list_failed");
        }
    }

    /// Now, and when a dead letter of now is forgotten.
    pub fn dead_letter_times(&self) -> (Timestamp, Timestamp) {
        let now = clock::now();
        (now, now.plus(self.retention))
    }

    /// Keeps an event that waited for an attempt which is not made, with a row of its own in the log: the last one promises
    /// an attempt.
    pub async fn give_up_unattempted(
        &self,
        webhook: &Webhook,
        delivery: &WebhookDelivery,
        reason: &str,
    ) -> Result<(), QueueError> {
        self.log(webhook, &DeliveryLog::unattempted(delivery, reason, clock::now(), self.retention)).await;
        self.give_up(webhook, delivery, reason).await
    }

    async fn disable(&self, webhook: &Webhook, reason: DisabledReason) -> Result<(), QueueError> {
        match self.accounts.disable_webhook(webhook, reason).await {
            Ok(true) => {
                let reason = reason.text();
                metrics::count(Metric::WebhooksDisabled);
                tracing::error!(webhook_id = %webhook.id, reason, "webhook.disabled");
                self.publish_disabled(webhook, reason).await
            }
            written => {
                self.report(webhook, "disabled", written.map(drop));
                Ok(())
            }
        }
    }

    /// Writes a row of the webhook's log. `false` when that failed; the delivery itself is safe.
    async fn log(&self, webhook: &Webhook, row: &DeliveryLog) -> bool {
        let written = self.accounts.put_delivery_log(&webhook.id, row).await;
        if let Err(error) = &written {
            tracing::error!(webhook_id = %webhook.id, %error, "webhook.log_failed");
        }
        written.is_ok()
    }

    /// Reports a failed write of what an attempt has shown of an endpoint, which the next attempt repeats.
    fn report(&self, webhook: &Webhook, what: &str, written: Result<(), impl std::fmt::Display>) {
        if let Err(error) = written {
            tracing::error!(webhook_id = %webhook.id, what, %error, "webhook.update_failed");
        }
    }
}
