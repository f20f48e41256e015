//! Reservations that processes left behind. Each makes the account's meter larger and every charge dearer, so a charge
//! that sees many looks at their messages, and the next one removes those that are no longer needed.

use shared::clock::Timestamp;
use shared::ids::AccountId;
use shared::message_table::MessageTable;
use shared::meter::Reservation;
use shared::reservation::Fate;

use crate::charge::Charger;

/// As many reservations are normal: one for each process that is at work.
const NORMAL: usize = 8;
/// The most that one request looks at.
const MOST: usize = 4;

/// Marks reservations whose charge stands, if there are more than there should be. The others are `settle`'s.
pub async fn tidy(
    charger: &Charger,
    messages: &MessageTable,
    account: &AccountId,
    open: &[Reservation],
    now: Timestamp,
) {
    if open.len() <= NORMAL {
        return;
    }
    let mut oldest: Vec<_> = open.iter().collect();
    oldest.sort_by_key(|reservation| reservation.at);
    for reservation in oldest.into_iter().take(MOST) {
        if matches!(reservation.fate(messages, now).await, Ok(Fate::Kept)) {
            charger.done(account, reservation.nonce.clone());
        }
    }
}
