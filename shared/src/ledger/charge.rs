//! The charge: one update of the account's ledger that takes a credit, counts against the key's limit, books the message's
//! slot and reserves, all together or not at all.
//!
//! An update cannot take the maximum of two times, so each arrival time has two branches: ahead of now, or behind it. The
//! charge builds the update from what it last saw of the ledger (`charge_update`); when that was out of date, the refusal
//! returns the ledger as it is, which decides the branch, or between 402 and 429, without a read.
//!
//! A request that makes no charge counts against the key's limit as well (`uncharged`).
//!
//! An account with many instances at work books slots in items of their own (`slot_items`), after the charge: one that gets
//! no slot is refunded.

use std::time::Duration;

use crate::aws::conditional_write::until_applied;
use crate::aws::{AccountsTable, ConditionalWrite, ItemKey, TableError};
use crate::bounded_map::BoundedMap;
use crate::clock::Timestamp;
use crate::http::{ApiError, ErrorCode};
use crate::ids::AccountId;
use crate::ledger::bulk_lane::Lane;
use crate::ledger::credits::Ledger;
use crate::ledger::ledger_item::{LedgerItem, key_attribute};
use crate::ledger::rate_limit::Decision;
use crate::ledger::reservation::{MAX_RESERVATIONS, Reservation, new_nonce, reservation_attribute};
use crate::ledger::slot_items::SlotItems;
use crate::ledger::slot_shares::{SendSlots, slots_exhausted};

pub use charge_update::Purchase;
use charge_update::{ChargeUpdate, Known, booking, charge_update};

/// Charges accounts.
pub struct Charger {
    ledger: Ledger,
    slot_items: SlotItems,
    known: BoundedMap<AccountId, Known>,
}

/// The result of the ledger's update.
enum Charged {
    /// The credit is taken; the ledger as it is now, and the lane.
    Applied { ledger: LedgerItem, lane: Option<Lane> },
    /// Nothing is taken, and why.
    Refused(ApiError),
}

/// A charge that was made.
#[derive(Debug)]
pub struct Charge {
    /// The request's nonce, which names its reservation.
    pub nonce: String,
    /// When the number's rate lets the message leave.
    pub slot: Timestamp,
    /// The queue that the message goes through.
    pub lane: Lane,
    /// The slots of the instance's number.
    pub slots: SendSlots,
    /// Open reservations, its own included.
    pub reservations: Vec<Reservation>,
}

impl Charger {
    /// Charges accounts in this table.
    pub fn new(accounts: AccountsTable) -> Self {
        let slot_items = SlotItems::new(accounts.clone());
        Self { ledger: Ledger::new(accounts), slot_items, known: BoundedMap::default() }
    }

    /// Charges for a message, or says why not. A refusal is counted as well. A charge whose response was lost leaves its
    /// reservation, and `settle` refunds it.
    pub async fn charge(&self, purchase: &Purchase<'_>, now: Timestamp) -> Result<Charge, ApiError> {
        let nonce = new_nonce();
        let charged = until_applied(|| self.try_to_charge(purchase, &nonce, now)).await?;
        let charged = charged.ok_or_else(|| ApiError::unavailable(TableError::Conflict, 1))?;
        let (ledger, lane) = match charged {
            Charged::Applied { ledger, lane } => (ledger, lane),
            Charged::Refused(refusal) => return Err(self.count_refusal(purchase.key, refusal, now).await),
        };
        let (slot, lane) = match lane {
            Some(lane) if purchase.is_scheduled => (now, lane),
            Some(lane) => (booking(purchase, &ledger, now).slot(&ledger, true), lane),
            None => self.book_in_slot_item(purchase, &nonce, &ledger, now).await?,
        };
        Ok(Charge { nonce, slot, lane, slots: purchase.slots, reservations: ledger.reservations })
    }

    async fn try_to_charge(
        &self,
        purchase: &Purchase<'_>,
        nonce: &str,
        now: Timestamp,
    ) -> Result<Option<Charged>, ApiError> {
        let account = &purchase.key.account_id;
        let ChargeUpdate { update, lane, removed } =
            self.known(account, |known| charge_update(purchase, nonce, known, now));
        let written = self.ledger.accounts.update(ItemKey::ledger(account), &update).await;
        // Without an answer nothing is known any more, and the next charge begins anew.
        let written = written.inspect_err(|_| self.forget(account));
        let (ledger, is_applied) = match written.map_err(|error| ApiError::unavailable(error, 1))? {
            ConditionalWrite::Applied(item) => (LedgerItem::from_item(&item), true),
            ConditionalWrite::Refused(None) => {
                self.remember(account, &LedgerItem::default(), &[], now); // an account without a ledger
                return Err(ErrorCode::InsufficientCredits.into());
            }
            ConditionalWrite::Refused(Some(item)) => (LedgerItem::from_item(&item), false),
        };
        // Refused with our own reservation: the SDK's first attempt was applied and its response was lost.
        let is_charged = is_applied || ledger.reservations.iter().any(|reservation| reservation.nonce == nonce);
        self.remember(account, &ledger, &removed, now);
        if !is_charged {
            return Ok(refusal(purchase, &ledger, now).map(Charged::Refused));
        }
        Ok(Some(Charged::Applied { ledger, lane }))
    }

    /// Books the slot of a charge that was made, or refunds the charge.
    async fn book_in_slot_item(
        &self,
        purchase: &Purchase<'_>,
        nonce: &str,
        ledger: &LedgerItem,
        now: Timestamp,
    ) -> Result<(Timestamp, Lane), ApiError> {
        let account = &purchase.key.account_id;
        let booked = (purchase.instance, purchase.batch_size);
        let booked = self.slot_items.book(account, booked, purchase.slots, ledger, now).await;
        let refunded = purchase.batch_size.unwrap_or(1);
        if booked.is_err()
            && let Err(error) = self.ledger.settle_reservation(account, &reservation_attribute(nonce), refunded).await
        {
            tracing::warn!(account_id = %account, %error, "reservation.refund_failed"); // `settle` refunds it
        }
        booked
    }

    /// Notes that a charged request is complete and its message queued, so that its reservation can be removed. Each is
    /// noted once: DynamoDB accepts no update that removes the same attribute twice.
    pub fn complete(&self, account: &AccountId, reservation: String) {
        self.known(account, |known| {
            if !known.completed.contains(&reservation) {
                known.completed.push(reservation);
            }
        });
    }

    fn remember(&self, account: &AccountId, ledger: &LedgerItem, removed: &[String], now: Timestamp) {
        self.known(account, |known| {
            known.ledger = ledger.clone();
            known.seen_at = Some(now);
            let is_still_there = |name: &String| ledger.reservations.iter().any(|open| open.attribute == *name);
            known.completed.retain(|name| !removed.contains(name) || is_still_there(name));
        });
    }

    fn forget(&self, account: &AccountId) {
        self.known(account, |known| {
            known.ledger = LedgerItem::default();
            known.seen_at = None;
        });
    }

    fn known<T>(&self, account: &AccountId, work: impl FnOnce(&mut Known) -> T) -> T {
        self.known.with(account, work)
    }
}

/// Why a ledger refuses, unless the update was only built from an outdated one.
fn refusal(purchase: &Purchase<'_>, ledger: &LedgerItem, now: Timestamp) -> Option<ApiError> {
    let key = purchase.key.limit.decide(ledger.arrival(&key_attribute(&purchase.key.key_id)), now);
    if let Decision::Wait(wait) = key {
        return Some(key_limit_exceeded(wait));
    }
    if ledger.credits < purchase.credits() {
        return Some(insufficient_credits(purchase, ledger));
    }
    match booking(purchase, ledger, now).decide() {
        Decision::Wait(wait) if !ledger.has_slot_items && !purchase.is_scheduled => Some(slots_exhausted(wait)),
        _ if ledger.reservations.len() - ledger.old_reservations() >= MAX_RESERVATIONS => Some(too_many_in_progress()),
        _ => None,
    }
}

fn insufficient_credits(purchase: &Purchase<'_>, ledger: &LedgerItem) -> ApiError {
    let Some(messages) = purchase.batch_size else { return ErrorCode::InsufficientCredits.into() };
    let left = ledger.credits.max(0);
    let message =
        format!("The batch takes {messages} credits and this account has {left}: ask your operator for more.");
    ApiError::new(ErrorCode::InsufficientCredits, message)
}

fn too_many_in_progress() -> ApiError {
    let message = "This account has too many requests to send in progress. Try again after `retryAfter` seconds.";
    ApiError::new(ErrorCode::RateLimitExceeded, message).retry_after(Duration::from_secs(1))
}

fn key_limit_exceeded(wait: Duration) -> ApiError {
    let message = "This API key has sent more messages than its plan allows. Try again after `retryAfter` seconds.";
    ApiError::new(ErrorCode::RateLimitExceeded, message).retry_after(wait)
}

mod charge_update;
mod uncharged;

#[cfg(test)]
mod many_instances;
#[cfg(test)]
pub(crate) mod model;
