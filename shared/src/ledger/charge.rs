//! The charge: one update of the account's ledger that takes a credit, counts against the key's limit, books the message's
//! slot and reserves, all together or not at all.
//!
//! An update cannot take the maximum of two times, so each arrival time has two branches: ahead of now, or behind it. The
//! charge builds the update from what it last saw of the ledger; when that was out of date, the refusal returns the ledger
//! as it is, which decides the branch, or between 402 and 429, without a read.
//!
//! A request that makes no charge counts against the key's limit as well (`uncharged`).
//!
//! An account with many instances at work books slots in items of their own (`slot_items`), after the charge: one that gets
//! no slot is refunded.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::aws::conditional_write::until_applied;
use crate::aws::{AccountsTable, ConditionalWrite, ItemKey, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::http::{ApiError, ErrorCode};
use crate::ids::{AccountId, InstanceId};
use crate::ledger::activity::activity_shard;
use crate::ledger::credits::Ledger;
use crate::ledger::key_limit::LimitedKey;
use crate::ledger::lane::Lane;
use crate::ledger::ledger_item::{ACTIVE, CHARGED_AT, CREDITS, LedgerItem, SLOT_ITEMS, key_attribute, slot_attribute};
use crate::ledger::rate_limit::{Decision, micros};
use crate::ledger::reservation::{MAX_RESERVATIONS, RESERVATIONS, Reservation, new_nonce, reservation_attribute};
use crate::ledger::send_slots::{SendSlots, slots_exhausted};
use crate::ledger::slot_booking::SlotBooking;
use crate::ledger::slot_items::SlotItems;
use crate::mutex::lock;

/// Reservations of completed requests that one charge removes.
const MAX_REMOVED: usize = 10;
/// Idle arrival times that are kept.
const MAX_IDLE: usize = 8;
/// Idle arrival times that one charge removes: an expression of DynamoDB's is at most 4 KB long.
const MAX_IDLE_REMOVED: usize = 10;
/// How long an arrival time must be past to be removed: one that is used again meanwhile refuses the charge.
const IDLE_AFTER: Duration = Duration::from_secs(1);
/// Instances' attributes in a ledger, about half a kilobyte; with more, slots are booked in items of their own.
const MAX_INSTANCE_ATTRIBUTES: usize = 16;

/// Charges accounts.
pub struct Charger {
    ledger: Ledger,
    slot_items: SlotItems,
    known: Mutex<HashMap<AccountId, Known>>,
}

/// The last known state of an account's ledger.
#[derive(Default)]
struct Known {
    ledger: LedgerItem,
    seen_at: Option<Timestamp>,
    /// Reservations of this process's completed requests, by attribute: the next charge removes them.
    completed: Vec<String>,
}

/// The update that makes a charge.
struct ChargeUpdate {
    update: UpdateBuilder,
    /// The lane that it chooses; none when the slot is booked in an item of its own.
    lane: Option<Lane>,
    /// The reservations that it removes, by attribute.
    removed: Vec<String>,
}

/// The result of the ledger's update.
enum Charged {
    /// The credit is taken; the ledger as it is now, and the lane.
    Applied { ledger: LedgerItem, lane: Option<Lane> },
    /// Nothing is taken, and why.
    Refused(ApiError),
}

/// What is charged for: one message.
pub struct Purchase<'a> {
    /// The key that sends.
    pub key: &'a LimitedKey,
    /// The instance that the message leaves from.
    pub instance: &'a InstanceId,
    /// The slots of the instance's number.
    pub slots: SendSlots,
    /// The message's id, as bytes.
    pub message: [u8; 16],
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
        Self { ledger: Ledger::new(accounts), slot_items, known: Mutex::default() }
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
            ConditionalWrite::Refused(None) => return Err(ErrorCode::InsufficientCredits.into()),
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
        let booked = self.slot_items.book(account, purchase.instance, purchase.slots, ledger, now).await;
        if booked.is_err()
            && let Err(error) = self.ledger.refund_reservation(account, &reservation_attribute(nonce)).await
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
        let mut known: MutexGuard<'_, HashMap<_, _>> = lock(&self.known);
        work(known.entry(account.clone()).or_default())
    }
}

/// The update that the known ledger suggests.
fn charge_update(purchase: &Purchase<'_>, nonce: &str, known: &Known, now: Timestamp) -> ChargeUpdate {
    let ledger = &known.ledger;
    let update = UpdateBuilder::new().add(CREDITS, -1).when_at_least(CREDITS, 1);
    let update = update.set(ACTIVE, activity_shard(&purchase.key.account_id)).set(CHARGED_AT, now);
    let (update, removed) = reserve(update, purchase, nonce, known, now);
    let key = key_attribute(&purchase.key.key_id);
    let update = purchase.key.limit.advance(update, &key, ledger.arrival(&key), micros(now), now);
    let idle_until = micros(now.minus(IDLE_AFTER));
    let (mut update, lane) = if ledger.has_slot_items {
        (update.when_present(SLOT_ITEMS), None)
    } else {
        let is_crowded = ledger.instances_at_work(idle_until) > MAX_INSTANCE_ATTRIBUTES;
        let (update, lane) = booking(purchase, ledger, now).add_to(update.when_absent(SLOT_ITEMS));
        // Not while a process of an earlier version may be at work: it books slots in the ledger alone.
        let moves = is_crowded && ledger.old_reservations() == 0;
        (update.set_some(SLOT_ITEMS, moves.then_some(true)), Some(lane))
    };
    update = remove_idle(update, ledger, &[&key, &slot_attribute(purchase.instance)], now);
    ChargeUpdate { update, lane, removed }
}

/// Removes arrival times that have been idle, except those that the update itself changes.
fn remove_idle(update: UpdateBuilder, ledger: &LedgerItem, changed: &[&str], now: Timestamp) -> UpdateBuilder {
    let idle = ledger.idle(micros(now.minus(IDLE_AFTER)));
    let idle: Vec<_> = idle.into_iter().filter(|name| !changed.contains(name)).collect();
    let removed = &idle[..idle.len().saturating_sub(MAX_IDLE).min(MAX_IDLE_REMOVED)];
    removed
        .iter()
        .fold(update, |update, attribute| update.remove(attribute).when_absent_or_at_most(attribute, micros(now)))
}

/// Reserves the charge, and removes reservations of completed requests.
fn reserve(
    update: UpdateBuilder,
    purchase: &Purchase<'_>,
    nonce: &str,
    known: &Known,
    now: Timestamp,
) -> (UpdateBuilder, Vec<String>) {
    let value = Reservation::value(purchase.message, now);
    if known.ledger.lacks_reservations {
        let first = AttributeValue::M([(nonce.to_owned(), value)].into());
        return (update.set_value(RESERVATIONS, first).when_absent(RESERVATIONS), Vec::new());
    }
    let reservation = reservation_attribute(nonce);
    let update = update.set_value(&reservation, value).when_absent(&reservation);
    let update = update.when_fewer(RESERVATIONS, MAX_RESERVATIONS);
    let removed: Vec<String> = known.completed.iter().take(MAX_REMOVED).cloned().collect();
    (removed.iter().fold(update, |update, reservation| update.remove(reservation)), removed)
}

/// The booking of the slot in the ledger.
const fn booking<'a>(purchase: &'a Purchase<'_>, ledger: &'a LedgerItem, now: Timestamp) -> SlotBooking<'a> {
    SlotBooking { instance: purchase.instance, slots: purchase.slots, seen: ledger, before: None, now }
}

/// Why a ledger refuses, unless the update was only built from an outdated one.
fn refusal(purchase: &Purchase<'_>, ledger: &LedgerItem, now: Timestamp) -> Option<ApiError> {
    let key = purchase.key.limit.decide(ledger.arrival(&key_attribute(&purchase.key.key_id)), now);
    if let Decision::Wait(wait) = key {
        return Some(key_limit_exceeded(wait));
    }
    if ledger.credits < 1 {
        return Some(ErrorCode::InsufficientCredits.into());
    }
    match booking(purchase, ledger, now).decide() {
        Decision::Wait(wait) if !ledger.has_slot_items => Some(slots_exhausted(wait)),
        _ if ledger.reservations.len() - ledger.old_reservations() >= MAX_RESERVATIONS => Some(too_many_in_progress()),
        _ => None,
    }
}

fn too_many_in_progress() -> ApiError {
    let message = "This account has too many requests to send in progress. Try again after `retryAfter` seconds.";
    ApiError::new(ErrorCode::RateLimitExceeded, message).retry_after(Duration::from_secs(1))
}

fn key_limit_exceeded(wait: Duration) -> ApiError {
    let message = "This API key has sent more messages than its plan allows. Try again after `retryAfter` seconds.";
    ApiError::new(ErrorCode::RateLimitExceeded, message).retry_after(wait)
}

mod uncharged;

#[cfg(test)]
mod many_instances;
#[cfg(test)]
pub(crate) mod model;
