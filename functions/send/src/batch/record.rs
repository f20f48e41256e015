//! The records of a batch's messages: inserted side by side, each once.

use std::collections::HashMap;
use std::time::Duration;

use futures::stream::{self, StreamExt};
use shared::aws::ConditionalWrite;
use shared::batch::{Batch, Rejection};
use shared::http::ApiError;
use shared::message::batch_row::row_nonce;
use shared::message::{BatchRow, Draft, Message};
use tokio::time::{Instant, sleep_until};

use super::rows::Row;
use crate::record_and_enqueue::erased;
use crate::sender::Sender;

/// Records that are inserted together, within [`CHUNK_TIME`] if they share a partition.
const TOGETHER: usize = 100;
/// The time for them: a partition of an index takes 1,000 writes a second, and a throttled index fails the writes of its table.
const CHUNK_TIME: Duration = Duration::from_millis(125);
/// Of these, as many are inserted at the same time, each over a connection of its own.
const AT_ONCE: usize = 16;

/// What became of the messages that were to be recorded.
#[derive(Default)]
pub struct Recorded {
    /// Messages that were recorded, and belong to this charge.
    pub charged: u16,
    /// Messages that were recorded by an earlier request with the same Idempotency-Key.
    pub earlier: u16,
    /// Recipients whose messages could not be recorded.
    pub rejected: Vec<Rejection>,
}

impl Sender {
    /// Records the messages of a batch. Without an answer to one and to its withdrawal nobody knows what is recorded: `settle`
    /// finds out.
    pub async fn record_rows(&self, batch: &Batch, rows: Vec<Row>) -> Result<Recorded, ApiError> {
        let mut recorded = Recorded::default();
        let is_paced = share_a_partition(&rows);
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let end = Instant::now() + CHUNK_TIME;
            let messages = rows.by_ref().take(TOGETHER).map(|row| (row.index, self.row_message(batch, row)));
            let inserts = messages.map(|(index, message)| async move { (index, self.record_row(&message).await) });
            let outcomes: Vec<_> = stream::iter(inserts).buffered(AT_ONCE).collect().await;
            for (index, outcome) in outcomes {
                match outcome? {
                    RowOutcome::Recorded => recorded.charged += 1,
                    RowOutcome::Earlier => recorded.earlier += 1,
                    RowOutcome::Erased => recorded.rejected.push(Rejection::new(index, erased())),
                    RowOutcome::NotRecorded => recorded.rejected.push(Rejection::not_recorded(index)),
                }
            }
            if is_paced && rows.peek().is_some() {
                sleep_until(end).await;
            }
        }
        Ok(recorded)
    }

    async fn record_row(&self, message: &Message) -> Result<RowOutcome, ApiError> {
        match self.messages.insert(message).await {
            Ok(ConditionalWrite::Applied(_)) => Ok(RowOutcome::Recorded),
            Ok(ConditionalWrite::Refused(Some(_))) => Ok(RowOutcome::Earlier),
            Ok(ConditionalWrite::Refused(None)) => Ok(RowOutcome::Erased),
            Err(error) => {
                if !self.messages.withdraw(message).await.map_err(ApiError::internal)? {
                    return Err(ApiError::internal("a record whose insert was not answered is being sent"));
                }
                tracing::warn!(message_id = %message.id, %error, "batch.row_withdrawn");
                Ok(RowOutcome::NotRecorded)
            }
        }
    }

    fn row_message(&self, batch: &Batch, row: Row) -> Message {
        let Row { index, request, is_marketing } = row;
        let row = BatchRow { batch: batch.id.clone(), row: index };
        let id = row.message_id();
        let draft = Draft {
            account_id: batch.account_id.clone(),
            instance_id: batch.instance_id.clone(),
            to: request.to,
            content: request.content,
            quoted: request.quoted,
            metadata: request.metadata,
            reference: request.reference,
            body_hash: None,
            slot: batch.send_at.unwrap_or(batch.created_at),
            bulk: None,
            batch_row: Some(row),
            send_at: batch.send_at,
            is_marketing,
            expires_in: request.expires_in,
            retention: self.retention,
        };
        Message::queued(draft, id, row_nonce(&batch.nonce, index), batch.created_at)
    }
}

/// Whether many of these rows have entries in one partition of an index: those with the same reference, or to the same recipient.
fn share_a_partition(rows: &[Row]) -> bool {
    let (mut references, mut recipients) = (HashMap::<&str, usize>::new(), HashMap::<&str, usize>::new());
    rows.iter().any(|Row { request, .. }| {
        let of_recipient = recipients.entry(request.to.as_str()).or_default();
        *of_recipient += 1;
        let of_reference = request.reference.as_deref().map_or(0, |reference| {
            let count = references.entry(reference).or_default();
            *count += 1;
            *count
        });
        of_reference.max(*of_recipient) > TOGETHER
    })
}

/// What became of one message.
enum RowOutcome {
    Recorded,
    Earlier,
    Erased,
    NotRecorded,
}
