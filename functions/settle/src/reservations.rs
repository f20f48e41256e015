//! Reservations that are left after their requests have ended: `send` crashed between two steps.
//!
//! Charged but not recorded: refunded. Recorded but perhaps not queued: enqueued again, and released only then, since a
//! crash in between must find the reservation again. Otherwise the charge is kept and the reservation is released.

use futures::stream::{self, StreamExt};
use shared::aws::ProcessingError;
use shared::clock::{self, Timestamp};
use shared::ids::AccountId;
use shared::ledger::{LedgerItem, REQUEST_ENDED, Reservation};
use shared::message::ReservationOutcome;

use crate::batch_reservations;
use crate::settler::Settler;

/// Reservations of an account that are resolved concurrently: a batch's reads a thousand records, a page at a time.
const MAX_CONCURRENCY: usize = 8;

/// Resolves an account's reservations. What fails is retried a minute later.
pub async fn resolve_all(settler: &Settler, account: &AccountId, ledger: &LedgerItem) {
    let now = clock::now();
    let open = ledger.reservations.iter().map(|open| resolve(settler, account, open, now));
    let settled: Vec<_> = stream::iter(open).buffer_unordered(MAX_CONCURRENCY).collect().await;
    for error in settled.into_iter().filter_map(Result::err) {
        tracing::error!(account_id = %account, %error, "reservation.settle_failed");
    }
}

async fn resolve(
    settler: &Settler,
    account: &AccountId,
    reservation: &Reservation,
    now: Timestamp,
) -> Result<(), ProcessingError> {
    if let Some((id, messages)) = &reservation.batch {
        if now < reservation.at.plus(REQUEST_ENDED) {
            return Ok(());
        }
        return batch_reservations::resolve(settler, account, (reservation, id, *messages)).await;
    }
    match ReservationOutcome::read(reservation, &settler.messages, now).await? {
        ReservationOutcome::Pending => return Ok(()),
        ReservationOutcome::Orphaned => {
            tracing::warn!(account_id = %account, message_id = %reservation.message_id, "reservation.refunded");
            return Ok(settler.ledger.refund_reservation(account, &reservation.attribute).await?);
        }
        ReservationOutcome::Queued(message) => settler.queues.enqueue_again(&message, now).await?,
        ReservationOutcome::Charged => {}
    }
    Ok(settler.ledger.release_reservation(account, &reservation.attribute).await?)
}
