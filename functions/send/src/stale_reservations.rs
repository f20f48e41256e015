//! Reservations that processes left behind. Each makes the account's ledger larger and every charge more expensive, so a
//! charge that sees many checks their messages, and the next charge removes those that are no longer needed.

use shared::clock::Timestamp;
use shared::ids::AccountId;
use shared::ledger::{Charger, Reservation};
use shared::message::{MessageRepository, ReservationOutcome};

/// A normal number of reservations: one for each process that is at work.
const NORMAL: usize = 8;
/// The most reservations that one request checks.
const MAX_CHECKED: usize = 4;

/// Marks reservations whose charge is kept as complete, if there are more than normal. The others are left to `settle`.
pub async fn complete(
    charger: &Charger,
    messages: &MessageRepository,
    account: &AccountId,
    reservations: &[Reservation],
    now: Timestamp,
) {
    if reservations.len() <= NORMAL {
        return;
    }
    let mut oldest: Vec<_> = reservations.iter().filter(|reservation| reservation.batch.is_none()).collect();
    oldest.sort_by_key(|reservation| reservation.at);
    for reservation in oldest.into_iter().take(MAX_CHECKED) {
        let outcome = ReservationOutcome::read(reservation, messages, now).await;
        if matches!(outcome, Ok(ReservationOutcome::Charged)) {
            charger.complete(account, reservation.attribute.clone());
        }
    }
}
