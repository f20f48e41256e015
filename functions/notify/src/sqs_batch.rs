//! A batch from the webhook queue: deliveries that are due are attempted, events are enqueued for their webhooks, replays
//! continue, what waited elsewhere is moved here, and logs are redacted.

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use shared::aws::{ProcessingError, TableError, sqs_batch};
use shared::clock;
use shared::observability::{Metric, metrics};
use shared::webhook::{LogRedaction, Webhook, WebhookDelivery, WebhookJob};

use crate::dispatcher::Dispatcher;
use crate::due_deliveries;

/// Why an event is given up whose webhook was disabled while it waited.
const DISABLED: &str = "The webhook was disabled before the next attempt: the event is a dead letter.";

/// Processes a batch concurrently and names the messages that stay in the queue.
pub async fn process(dispatcher: &Dispatcher, batch: SqsEvent) -> SqsBatchResponse {
    let response = sqs_batch::process_concurrently(&batch, |job| process_one(dispatcher, job)).await;
    metrics::count_many(Metric::QueueMessagesFailing, sqs_batch::failing_again(&batch, &response));
    response
}

async fn process_one(dispatcher: &Dispatcher, job: WebhookJob) -> Result<(), ProcessingError> {
    match job {
        WebhookJob::Delivery(delivery) => deliver(dispatcher, delivery).await,
        WebhookJob::Replay(step) => dispatcher.replay(step).await,
        WebhookJob::Redaction(redaction) => redact(dispatcher, redaction).await,
        WebhookJob::Due(due) => due_deliveries::move_page(dispatcher, &due).await,
        WebhookJob::FanOut(fan_out) => dispatcher.fan_out(&fan_out).await,
    }
}

/// Redacts a page of the rows about an erased message, and enqueues the next one.
async fn redact(dispatcher: &Dispatcher, redaction: LogRedaction) -> Result<(), ProcessingError> {
    let (rows, after) = dispatcher.accounts.redact_logs(&redaction.erased_message, redaction.after.as_ref()).await?;
    tracing::info!(message_id = %redaction.erased_message, rows, "delivery_log.redacted");
    if after.is_some() {
        dispatcher.queue.enqueue_redaction(&LogRedaction { after, ..redaction }, Duration::ZERO).await?;
    }
    Ok(())
}

async fn deliver(dispatcher: &Dispatcher, delivery: WebhookDelivery) -> Result<(), ProcessingError> {
    if delivery.is_without_body() {
        return Ok(dispatcher.dead_letters.enqueue(&delivery).await?);
    }
    if clock::now() < delivery.due {
        return Ok(dispatcher.queue.enqueue(&delivery).await?);
    }
    match webhook(dispatcher, &delivery).await? {
        Some(webhook) if webhook.active => Ok(dispatcher.deliver(&webhook, delivery).await?),
        Some(webhook) => Ok(dispatcher.give_up_unattempted(&webhook, &delivery, DISABLED).await?),
        None => Ok(()), // deleted since
    }
}

async fn webhook(dispatcher: &Dispatcher, delivery: &WebhookDelivery) -> Result<Option<Webhook>, TableError> {
    if delivery.operator {
        let operator = dispatcher.accounts.operator_webhook(&delivery.account_id).await?;
        return Ok(operator.filter(|operator| operator.id == delivery.webhook_id));
    }
    dispatcher.accounts.webhook(&delivery.account_id, &delivery.webhook_id).await
}
