//! A batch from the retry queue: each event that is due is tried again.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::future::join_all;
use shared::clock;

use crate::retry_queue::Retry;
use crate::teller::Teller;

/// Tries the events of a batch side by side and names those that must stay in the queue.
pub async fn tell(teller: &Teller, batch: SqsEvent) -> SqsBatchResponse {
    let results = join_all(batch.records.iter().map(|message| tell_one(teller, message))).await;
    let mut response = SqsBatchResponse::default();
    for (message, result) in batch.records.iter().zip(results) {
        if let Err(error) = result {
            tracing::error!(%error, "webhook.not_now");
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.clone().unwrap_or_default();
            response.batch_item_failures.push(failure);
        }
    }
    response
}

async fn tell_one(teller: &Teller, message: &SqsMessage) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let retry: Retry = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
    if clock::now() < retry.due {
        return Ok(teller.retries.enqueue(&retry).await?);
    }
    match teller.accounts.webhook(&retry.account_id, &retry.webhook_id).await? {
        Some(webhook) if webhook.active => Ok(teller.tell(&webhook, retry).await?),
        _ => Ok(()), // removed or switched off since: it wants no events any more
    }
}
