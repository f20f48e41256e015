//! The operator's events about an account's webhooks: the attempts at an event are exhausted, or a webhook was disabled.

use serde::Serialize;
use shared::aws::{AccountsTable, QueueError};
use shared::clock::{self, Timestamp};
use shared::event::Event;
use shared::ids::InstanceId;
use shared::webhook::{Webhook, WebhookDelivery, WebhookQueue};

/// The data of an event.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WebhookData<'a> {
    webhook_id: &'a str,
    instance_id: &'a str,
    url: &'a str,
    reason: &'a str,
    /// The event whose attempts are exhausted, if it is about one.
    event: Option<&'a str>,
    event_id: Option<&'a str>,
    /// The message or instance that the event is about.
    subject: Option<&'a str>,
    attempts: Option<u32>,
    timestamp: String,
}

/// Publishes the operator's events through the webhooks' own queue, if the account has an operator's webhook.
pub struct OperatorEvents {
    /// The table with the operator's webhook.
    pub accounts: AccountsTable,
    /// The queue of its events.
    pub queue: WebhookQueue,
}

impl OperatorEvents {
    /// Publishes that the attempts at an event are exhausted.
    pub async fn publish_exhausted(
        &self,
        webhook: &Webhook,
        delivery: &WebhookDelivery,
        reason: &str,
    ) -> Result<(), QueueError> {
        let at = clock::now();
        let data = WebhookData {
            event: Some(&delivery.event),
            event_id: Some(&delivery.id),
            subject: Some(&delivery.subject),
            attempts: Some(delivery.attempts),
            ..webhook_data(webhook, reason, at)
        };
        self.publish(webhook, "webhook.exhausted", &delivery.id, at, data).await
    }

    /// Publishes that a webhook was disabled.
    pub async fn publish_disabled(&self, webhook: &Webhook, reason: &str) -> Result<(), QueueError> {
        let at = clock::now();
        self.publish(webhook, "webhook.disabled", webhook.id.as_str(), at, webhook_data(webhook, reason, at)).await
    }

    async fn publish(
        &self,
        webhook: &Webhook,
        name: &'static str,
        subject: &str,
        at: Timestamp,
        data: WebhookData<'_>,
    ) -> Result<(), QueueError> {
        let Some(instance) = &webhook.instance_id else {
            return Ok(()); // the operator's own
        };
        let operator = match self.accounts.operator_webhook(&webhook.account_id).await {
            Ok(operator) => operator.filter(|operator| operator.active),
            Err(error) => {
                tracing::error!(webhook_id = %webhook.id, %error, "operator.notify_failed");
                None
            }
        };
        let Some(operator) = operator else {
            return Ok(());
        };
        let event = Event::new((&webhook.account_id, instance), name, subject, at, data);
        self.queue.enqueue(&WebhookDelivery::new(&event, &operator, at)).await
    }
}

fn webhook_data<'a>(webhook: &'a Webhook, reason: &'a str, at: Timestamp) -> WebhookData<'a> {
    WebhookData {
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
