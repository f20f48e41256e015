//! The answer to a batch, and to its repeats.

use serde::Serialize;
use shared::batch::{Batch, Rejection};
use shared::clock::Timestamp;
use shared::ids::{BatchId, MessageId};
use shared::message::batch_row::row_ids;
use shared::message::state::{AcceptedStatus, SCHEDULED};
use utoipa::ToSchema;

/// The answer to a batch: what was accepted, and what was not.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BatchAccepted)]
pub struct BatchResponse {
    /// Always true: at least one recipient was accepted.
    success: bool,
    /// The id of the batch: `GET /v1/batches/{batchId}`.
    batch_id: BatchId,
    /// Messages that were accepted. Each costs a credit.
    accepted: u16,
    /// Recipients that were not, and why. They cost nothing.
    rejected: Vec<Rejection>,
    /// `scheduled` if the batch has a `sendAt` in the future, else `queued`.
    #[schema(value_type = AcceptedStatus)]
    status: &'static str,
    /// The messages that were accepted.
    messages: Vec<BatchMessage>,
    /// When the batch was accepted.
    #[schema(format = DateTime)]
    timestamp: String,
}

/// A message of a batch.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BatchMessage {
    /// The position in `recipients`, from 0.
    index: u16,
    /// The id of the message.
    message_id: MessageId,
}

impl BatchResponse {
    /// The answer to a batch. Repeats have the same, at whatever time.
    pub fn new(batch: &Batch) -> Self {
        let rejected = batch.rejections.list();
        let is_accepted = |row: &u16| rejected.binary_search_by_key(row, |rejection| rejection.index).is_err();
        let rows: Vec<u16> = (0..batch.recipients).filter(is_accepted).collect();
        let ids = row_ids(&batch.id, rows.iter().copied());
        let messages = rows.into_iter().zip(ids).map(|(index, message_id)| BatchMessage { index, message_id });
        Self {
            success: true,
            batch_id: batch.id.clone(),
            accepted: batch.accepted,
            messages: messages.collect(),
            rejected,
            status: status(batch.send_at, batch.created_at),
            timestamp: batch.created_at.to_string(),
        }
    }
}

/// The status of what was accepted at a time.
pub fn status(send_at: Option<Timestamp>, accepted_at: Timestamp) -> &'static str {
    if send_at.is_some_and(|send_at| accepted_at < send_at) { SCHEDULED } else { "queued" }
}
