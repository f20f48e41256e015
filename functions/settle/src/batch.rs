//! A batch from either queue: each message on its own.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use serde::Deserialize;
use shared::books::Books;
use shared::conditional_write::TableError;
use shared::delivery_queue::{Delivery, DeliveryQueues};
use shared::queue::QueueError;
use shared::settle_queue::{SettleQueue, Unsettled};
use shared::sqs_batch;
use shared::webhook_queue::WebhookQueue;

use crate::{abandoned, unsettled};

/// Settles messages.
pub struct Settler {
    /// The records and the meters.
    pub books: Books,
    /// Where an attempt waits for another look.
    pub unsettled: SettleQueue,
    /// Where messages wait to be sent.
    pub deliveries: DeliveryQueues,
    /// Where events wait to be told.
    pub webhooks: WebhookQueue,
}

/// What the two queues bring.
#[derive(Deserialize)]
#[serde(untagged)]
enum Open {
    /// An attempt whose outcome was not known 15 minutes ago.
    Unsettled(Unsettled),
    /// A message that deliver received too often.
    Abandoned(Delivery),
}

/// Why something could not be settled now.
#[derive(Debug, thiserror::Error)]
pub enum NotNow {
    /// The table did not answer.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The queue did not answer.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The record changed while it was looked at.
    #[error("the record has changed")]
    Changed,
    /// It is not what we put into a queue.
    #[error("a queue message that can't be read")]
    Unreadable,
}

/// Settles a batch and names the messages that must stay in their queue.
pub async fn settle(settler: &Settler, batch: SqsEvent) -> SqsBatchResponse {
    sqs_batch::side_by_side(&batch, |message| settle_one(settler, message)).await
}

async fn settle_one(settler: &Settler, message: &SqsMessage) -> Result<(), NotNow> {
    let body = message.body.as_deref().unwrap_or_default();
    match serde_json::from_str(body).map_err(|_| NotNow::Unreadable)? {
        Open::Unsettled(attempt) => unsettled::settle(settler, &attempt).await,
        Open::Abandoned(delivery) => abandoned::settle(settler, &delivery).await,
    }
}
