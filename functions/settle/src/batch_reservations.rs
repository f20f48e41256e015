//! Reservations of batches that are left after their requests have ended. What is recorded is kept and sent, each message once;
//! the rest is refunded.

use std::collections::HashSet;
use std::time::Duration;

use shared::aws::{ProcessingError, TableError};
use shared::batch::{Batch, BatchState, Rejection};
use shared::ids::{AccountId, BatchId};
use shared::ledger::Reservation;
use shared::message::BatchesOf;
use shared::message::batch_row::charge_nonce;

use crate::settler::Settler;

/// What is under the ids of a batch's messages.
struct Found {
    /// Messages of this charge.
    charged: u16,
    /// The positions of all messages.
    rows: HashSet<u16>,
}

/// Resolves the reservation of a batch whose request has ended: keeps what is recorded, refunds the rest.
pub async fn resolve(
    settler: &Settler,
    account: &AccountId,
    (reservation, id, messages): (&Reservation, &BatchId, u16),
) -> Result<(), ProcessingError> {
    let found = match settler.accounts.batch(account, id).await? {
        None => Found { charged: 0, rows: HashSet::new() },
        Some(batch) => {
            let found = find(settler, &batch, &reservation.nonce).await?;
            if batch.state == BatchState::Recording && batch.nonce == reservation.nonce && !found.rows.is_empty() {
                accept(settler, batch, &found).await?;
            }
            found
        }
    };
    let refunded = messages.saturating_sub(found.charged);
    if refunded > 0 {
        tracing::warn!(account_id = %account, batch_id = %id, messages = refunded, "reservation.refunded");
    }
    Ok(settler.ledger.settle_reservation(account, &reservation.attribute, refunded).await?)
}

/// Looks for the messages of a batch, also those that were erased since.
async fn find(settler: &Settler, batch: &Batch, nonce: &str) -> Result<Found, TableError> {
    let mut found = Found { charged: 0, rows: HashSet::new() };
    for (row, nonce_of_row) in batch.stored_rows(&settler.messages).await? {
        found.charged += u16::from(charge_nonce(&nonce_of_row) == Some(nonce));
        found.rows.insert(row);
    }
    Ok(found)
}

/// Accepts what is recorded of a batch that broke off, unless a request with its Idempotency-Key has taken it over.
async fn accept(settler: &Settler, mut batch: Batch, found: &Found) -> Result<(), ProcessingError> {
    let mut rejections = batch.rejections.list();
    let known: HashSet<u16> = rejections.iter().map(|rejection| rejection.index).collect();
    let missing = (0..batch.recipients).filter(|row| !found.rows.contains(row) && !known.contains(row));
    rejections.extend(missing.map(Rejection::not_recorded));
    batch.accepted = u16::try_from(found.rows.len()).unwrap_or(u16::MAX);
    batch.rejections = rejections.into_iter().collect();
    let opened = settler.accounts.accept_batch(&batch).await?;
    let of = BatchesOf { account_id: batch.account_id.clone(), instance_id: batch.instance_id.clone() };
    settler.queues.settle.feed_batches(&of, Duration::ZERO).await?;
    tracing::warn!(batch_id = %batch.id, messages = batch.accepted, ?opened, "batch.completed_by_settle");
    Ok(())
}
