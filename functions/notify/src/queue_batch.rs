//! A batch from the webhooks' queue: each event that is due is told, and replays go on.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use shared::clock;
use shared::conditional_write::TableError;
use shared::queue::QueueError;
use shared::sqs_batch;
use shared::webhook::Webhook;
use shared::webhook_queue::{Retry, Work};

use crate::replayer::Replayer;
use crate::teller::Teller;

/// Why something can't be done now.
#[derive(Debug, thiserror::Error)]
pub enum NotNow {
    /// The table did not answer.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The queue did not answer.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// It is not what we put into the queue.
    #[error("a queue message that can't be read")]
    Unreadable,
}

/// Works through a batch side by side and names what must stay in the queue.
pub async fn work(teller: &Teller, replayer: &Replayer, batch: SqsEvent) -> SqsBatchResponse {
    sqs_batch::side_by_side(&batch, |message| work_one(teller, replayer, message)).await
}

async fn work_one(teller: &Teller, replayer: &Replayer, message: &SqsMessage) -> Result<(), NotNow> {
    let body = message.body.as_deref().unwrap_or_default();
    match serde_json::from_str(body).map_err(|_| NotNow::Unreadable)? {
        Work::Retry(retry) => tell(teller, retry).await,
        Work::Replay(step) => replayer.replay(step).await,
    }
}

async fn tell(teller: &Teller, retry: Retry) -> Result<(), NotNow> {
    if clock::now() < retry.due {
        return Ok(teller.queue.enqueue(&retry).await?);
    }
    match webhook(teller, &retry).await?.filter(|webhook| webhook.active) {
        Some(webhook) => Ok(teller.tell(&webhook, retry).await?),
        None => Ok(()), // removed or switched off since: it wants no events any more
    }
}

async fn webhook(teller: &Teller, retry: &Retry) -> Result<Option<Webhook>, TableError> {
    if retry.operator {
        let operator = teller.accounts.operator_webhook(&retry.account_id).await?;
        return Ok(operator.filter(|operator| operator.id == retry.webhook_id));
    }
    teller.accounts.webhook(&retry.account_id, &retry.webhook_id).await
}
