//! Reservations that are still there after their requests have ended: crashes of `send` between its steps.
//!
//! Charged but not recorded: given back. Recorded but perhaps not queued: queued again, and only then removed, since a
//! crash here must find it again. Everything else: the charge stands and the reservation goes.

use futures::future::join_all;
use shared::change::Change;
use shared::clock::{self, Timestamp};
use shared::ids::AccountId;
use shared::meter::{self, Meter, Reservation};
use shared::reservation::Fate;

use crate::batch::{NotNow, Settler};

/// Settles an account's reservations. What fails is tried again a minute later.
pub async fn settle(settler: &Settler, account: &AccountId, meter: &Meter) {
    let now = clock::now();
    let settled = join_all(meter.reservations.iter().map(|open| settle_one(settler, account, open, now))).await;
    for error in settled.into_iter().filter_map(Result::err) {
        tracing::error!(account_id = %account, %error, "reservation.not_settled");
    }
}

async fn settle_one(settler: &Settler, account: &AccountId, open: &Reservation, now: Timestamp) -> Result<(), NotNow> {
    match open.fate(&settler.books.messages, now).await? {
        Fate::Open => Ok(()),
        Fate::Orphaned => {
            tracing::warn!(account_id = %account, message_id = %open.message_id, "reservation.given_back");
            Ok(settler.books.accounts.give_back(account, &open.nonce).await?)
        }
        Fate::Queued(message) => {
            settler.deliveries.enqueue_again(&message, now).await?;
            remove(settler, account, open).await
        }
        Fate::Kept => remove(settler, account, open).await,
    }
}

async fn remove(settler: &Settler, account: &AccountId, open: &Reservation) -> Result<(), NotNow> {
    let reservation = meter::of_reservation(&open.nonce);
    let change = Change::new().remove(&reservation).when_present(&reservation);
    settler.books.accounts.change_meter(account, &change).await?;
    Ok(())
}
