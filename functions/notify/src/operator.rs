//! What the operator is told of an account's webhooks: that one gave up on an event, or was disabled.

use serde::Serialize;
use shared::account_table::AccountTable;
use shared::clock::{self, Timestamp};
use shared::event::Event;
use shared::ids::InstanceId;
use shared::queue::QueueError;
use shared::webhook::Webhook;
use shared::webhook_queue::{Retry, WebhookQueue};

/// What is told of a webhook.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    webhook_id: &'a str,
    instance_id: &'a str,
    url: &'a str,
    reason: &'a str,
    /// The event that was given up, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<&'a str>,
    /// The message or instance that it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
    timestamp: String,
}

/// Tells the operator through the webhooks' own queue, if the account has an operator's webhook.
pub struct Operator {
    /// Where that stands.
    pub accounts: AccountTable,
    /// Where its events wait.
    pub queue: WebhookQueue,
}

impl Operator {
    /// An event has had all of its attempts.
    pub async fn tell_exhausted(&self, webhook: &Webhook, retry: &Retry, reason: &str) -> Result<(), QueueError> {
        let at = clock::now();
        let told = Told {
            event: Some(&retry.event),
            event_id: Some(&retry.id),
            subject: Some(&retry.subject),
            attempts: Some(retry.attempts),
            ..told(webhook, reason, at)
        };
        self.tell(webhook, "webhook.exhausted", &retry.id, at, told).await
    }

    /// A webhook was disabled.
    pub async fn tell_disabled(&self, webhook: &Webhook, reason: &str) -> Result<(), QueueError> {
        let at = clock::now();
        self.tell(webhook, "webhook.disabled", webhook.id.as_str(), at, told(webhook, reason, at)).await
    }

    async fn tell(
        &self,
        webhook: &Webhook,
        name: &'static str,
        subject: &str,
        at: Timestamp,
        told: Told<'_>,
    ) -> Result<(), QueueError> {
        let Some(instance) = &webhook.instance_id else {
            return Ok(()); // the operator's own
        };
        let operator = match self.accounts.operator_webhook(&webhook.account_id).await {
            Ok(operator) => operator.filter(|operator| operator.active),
            Err(error) => {
                tracing::error!(webhook_id = %webhook.id, %error, "operator.not_told");
                None
            }
        };
        let Some(operator) = operator else {
            return Ok(());
        };
        let event = Event::new((&webhook.account_id, instance), name, subject, at, told);
        self.queue.enqueue(&Retry::first(&event, &operator, at)).await
    }
}

fn told<'a>(webhook: &'a Webhook, reason: &'a str, at: Timestamp) -> Told<'a> {
    Told {
        webhook_id: webhook.id.as_str(),
        instance_id: webhook.instance_id.as_ref().map_or("", InstanceId::as_str),
        url: &webhook.url,
        reason,
        event: None,
        event_id: None,
        subject: None,
        attempts: None,
        timestamp: at.to_string(),
    }
}
