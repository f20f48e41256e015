//! The operator's events about an account's webhooks: the attempts at an event are exhausted, or a webhook was disabled.

use serde::Serialize;
use shared::aws::QueueError;
use shared::clock;
use shared::event::Event;
use shared::http::EventDescription;
use shared::webhook::{Webhook, WebhookDelivery};
use utoipa::ToSchema;

use crate::dispatcher::Dispatcher;

/// The data of an event.
#[serde_with::skip_serializing_none]
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookFailureData)]
struct WebhookData<'a> {
    /// The webhook.
    webhook_id: &'a str,
    /// Its instance.
    instance_id: &'a str,
    /// Its URL.
    url: &'a str,
    /// What went wrong at last.
    reason: &'a str,
    /// The event whose attempts are exhausted, if it is about one.
    event: Option<&'a str>,
    /// The header `webhook-id` of that event.
    event_id: Option<&'a str>,
    /// The message or instance that the event is about.
    subject: Option<&'a str>,
    /// The attempts that were made at that event.
    attempts: Option<u32>,
    /// When the attempts ended, or the webhook was disabled.
    #[schema(format = DateTime)]
    timestamp: String,
}

/// They are published through the webhooks' own queue, if the account has an operator's webhook.
impl Dispatcher {
    /// Publishes that the attempts at an event are exhausted.
    pub async fn publish_exhausted(
        &self,
        webhook: &Webhook,
        delivery: &WebhookDelivery,
        reason: &str,
    ) -> Result<(), QueueError> {
        self.publish_to_operator(webhook, "webhook.exhausted", Some(delivery), reason).await
    }

    /// Publishes that a webhook was disabled.
    pub async fn publish_disabled(&self, webhook: &Webhook, reason: &str) -> Result<(), QueueError> {
        self.publish_to_operator(webhook, "webhook.disabled", None, reason).await
    }

    async fn publish_to_operator(
        &self,
        webhook: &Webhook,
        name: &'static str,
        exhausted: Option<&WebhookDelivery>,
        reason: &str,
    ) -> Result<(), QueueError> {
        let at = clock::now();
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
        let data = WebhookData {
            webhook_id: webhook.id.as_str(),
            instance_id: instance.as_str(),
            url: &webhook.url,
            reason,
            event: exhausted.map(|delivery| delivery.event.as_str()),
            event_id: exhausted.map(|delivery| delivery.id.as_str()),
            subject: exhausted.map(|delivery| delivery.subject.as_str()),
            attempts: exhausted.map(|delivery| delivery.attempts),
            timestamp: at.to_string(),
        };
        let subject = data.event_id.unwrap_or(data.webhook_id);
        let event = Event::new((&webhook.account_id, instance), name, subject, at, &data);
        self.queue.enqueue(&WebhookDelivery::new(&event, &operator, at)).await
    }
}

/// The descriptions of the events.
pub fn event_descriptions() -> Vec<EventDescription> {
    let exhausted = "The last attempt to deliver an event of an account's webhook has failed";
    vec![
        EventDescription::new::<WebhookData<'_>>("webhook.exhausted", exhausted),
        EventDescription::new::<WebhookData<'_>>(
            "webhook.disabled",
            "An account's webhook was disabled, after five days of failures or an answer 410",
        ),
    ]
}
