//! The charge: one update of the account's ledger that takes a credit, counts against the key's limit, books the message's
//! slot and reserves, all together or not at all.
//!
//! An update cannot take the maximum of two times, so each arrival time has two branches: ahead of now, or behind it. The
//! charge builds the update from what it last saw of the ledger; when that was out of date, the refusal returns the ledger
//! as it is, which decides the branch, or between 402 and 429, without a read.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::aws::conditional_write::until_applied;
use crate::aws::{AccountsTable, ConditionalWrite, ItemKey, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::http::{Allowance, ApiError, ErrorCode};
use crate::ids::{AccountId, InstanceId};
use crate::ledger::key_limit::LimitedKey;
use crate::ledger::lane::Lane;
use crate::ledger::ledger_item::{CREDITS, LedgerItem, bulk_attribute, key_attribute, slot_attribute};
use crate::ledger::rate_limit::{Decision, micros};
use crate::ledger::reservation::{Reservation, new_nonce, reservation_attribute};
use crate::ledger::send_slots::{EXPRESS_WITHIN, SendSlots};

/// How long a balance of 0 is trusted without reading the table.
const EMPTY_BALANCE_AGE: Duration = Duration::from_secs(1);
/// Reservations of completed requests that one charge removes.
const MAX_REMOVED: usize = 10;
/// Idle arrival times are removed when there are more than this.
const MAX_IDLE: usize = 8;

/// Charges accounts.
pub struct Charger {
    accounts: AccountsTable,
    known: Mutex<HashMap<AccountId, Known>>,
}

/// The last known state of an account's ledger.
#[derive(Default)]
struct Known {
    ledger: LedgerItem,
    seen_at: Option<Timestamp>,
    /// Reservations of this process's completed requests: the next charge removes them.
    completed: Vec<String>,
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
    /// Open reservations, its own included.
    pub reservations: Vec<Reservation>,
}

impl Charger {
    /// Charges accounts in this table.
    pub fn new(accounts: AccountsTable) -> Self {
        Self { accounts, known: Mutex::new(HashMap::new()) }
    }

    /// What a key's limit still allows, as far as this process knows.
    pub fn allowance(&self, key: &LimitedKey, now: Timestamp) -> Allowance {
        let arrival = self.known(&key.account_id, |known| known.ledger.arrival(&key_attribute(&key.key_id)));
        key.limit.allowance(arrival, now)
    }

    /// Refuses from memory what would certainly be refused: a refused write costs as much as an applied one.
    pub fn refuse_early(&self, key: &LimitedKey, now: Timestamp) -> Result<(), ApiError> {
        let (arrival, is_empty) = self.known(&key.account_id, |known| {
            let is_fresh = known.seen_at.is_some_and(|at| now < at.plus(EMPTY_BALANCE_AGE));
            (known.ledger.arrival(&key_attribute(&key.key_id)), is_fresh && known.ledger.credits < 1)
        });
        if let Decision::Wait(wait) = key.limit.decide(arrival, now) {
            return Err(key_limit_exceeded(wait));
        }
        if is_empty { Err(ErrorCode::InsufficientCredits.into()) } else { Ok(()) }
    }

    /// Charges for a message, or says why not. A charge whose response was lost leaves its reservation, and `settle`
    /// refunds it.
    pub async fn charge(&self, purchase: &Purchase<'_>, now: Timestamp) -> Result<Charge, ApiError> {
        let nonce = new_nonce();
        let charged = until_applied(|| self.try_to_charge(purchase, &nonce, now)).await?;
        charged.ok_or_else(|| ApiError::unavailable(TableError::Conflict, 1))
    }

    async fn try_to_charge(
        &self,
        purchase: &Purchase<'_>,
        nonce: &str,
        now: Timestamp,
    ) -> Result<Option<Charge>, ApiError> {
        let account = &purchase.key.account_id;
        let (update, lane, removed) = self.known(account, |known| charge_update(purchase, nonce, known, now));
        let written = self.accounts.update(ItemKey::ledger(account), &update).await;
        let (ledger, is_applied) = match written.map_err(|error| ApiError::unavailable(error, 1))? {
            ConditionalWrite::Applied(item) => (LedgerItem::from_item(&item), true),
            ConditionalWrite::Refused(None) => return Err(ErrorCode::InsufficientCredits.into()),
            ConditionalWrite::Refused(Some(item)) => (LedgerItem::from_item(&item), false),
        };
        // Refused with our own reservation: the SDK's first attempt was applied and its response was lost.
        let is_applied = is_applied || ledger.reservations.iter().any(|reservation| reservation.nonce == nonce);
        let slot = slot(purchase, &ledger, is_applied, now);
        self.remember(account, &ledger, &removed, now);
        if is_applied {
            return Ok(Some(Charge { nonce: nonce.to_owned(), slot, lane, reservations: ledger.reservations }));
        }
        refusal(purchase, &ledger, now).map_or(Ok(None), Err)
    }

    /// Notes that a charged request is complete and its message queued, so that its reservation can be removed. Each is
    /// noted once: DynamoDB accepts no update that removes the same attribute twice.
    pub fn complete(&self, account: &AccountId, nonce: String) {
        self.known(account, |known| {
            if !known.completed.contains(&nonce) {
                known.completed.push(nonce);
            }
        });
    }

    fn remember(&self, account: &AccountId, ledger: &LedgerItem, removed: &[String], now: Timestamp) {
        self.known(account, |known| {
            known.ledger = ledger.clone();
            known.seen_at = Some(now);
            let is_still_there = |nonce: &String| ledger.reservations.iter().any(|open| open.nonce == *nonce);
            known.completed.retain(|nonce| !removed.contains(nonce) || is_still_there(nonce));
        });
    }

    fn known<T>(&self, account: &AccountId, work: impl FnOnce(&mut Known) -> T) -> T {
        let mut known: MutexGuard<'_, HashMap<_, _>> = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        work(known.entry(account.clone()).or_default())
    }
}

/// The update that the known ledger suggests, the lane that it chooses, and the reservations that it removes.
fn charge_update(
    purchase: &Purchase<'_>,
    nonce: &str,
    known: &Known,
    now: Timestamp,
) -> (UpdateBuilder, Lane, Vec<String>) {
    let reservation = reservation_attribute(nonce);
    let mut update = UpdateBuilder::new()
        .add(CREDITS, -1)
        .when_at_least(CREDITS, 1)
        .set_value(&reservation, Reservation::value(purchase.message, now))
        .when_absent(&reservation);
    let own = [key_attribute(&purchase.key.key_id), slot_attribute(purchase.instance)];
    for (attribute, limit) in own.iter().zip([purchase.key.limit, purchase.slots.booked()]) {
        update = limit.advance(update, attribute, known.ledger.arrival(attribute), now);
    }
    let (mut update, lane) = choose_lane(update, purchase, &known.ledger, now);
    let removed: Vec<String> = known.completed.iter().take(MAX_REMOVED).cloned().collect();
    for nonce in &removed {
        update = update.remove(&reservation_attribute(nonce));
    }
    let idle = known.ledger.idle(micros(now)).filter(|name| !own.iter().any(|own| own == name));
    for attribute in idle.skip(MAX_IDLE) {
        update = update.remove(attribute).when_at_most(attribute, micros(now));
    }
    (update, lane, removed)
}

/// Chooses the lane: an instance that is booked ahead enters the bulk lane and stays there until `settle` brings it back.
fn choose_lane(
    update: UpdateBuilder,
    purchase: &Purchase<'_>,
    ledger: &LedgerItem,
    now: Timestamp,
) -> (UpdateBuilder, Lane) {
    let (mark, arrival) = (bulk_attribute(purchase.instance), slot_attribute(purchase.instance));
    let express_until = micros(now.plus(EXPRESS_WITHIN));
    if ledger.bulk_marks.contains_key(&mark) {
        return (update.set(&mark, now).when_present(&mark), Lane::Bulk);
    }
    if ledger.arrival(&arrival) > express_until {
        return (update.set(&mark, now).when_above(&arrival, express_until), Lane::Bulk);
    }
    let update = update.when_absent(&mark).when_absent_or_at_most(&arrival, express_until);
    (update, Lane::Express)
}

/// When the message may leave: before its own booking the arrival time was one interval less.
fn slot(purchase: &Purchase<'_>, ledger: &LedgerItem, is_applied: bool, now: Timestamp) -> Timestamp {
    let arrival = ledger.arrival(&slot_attribute(purchase.instance));
    let before = if is_applied { arrival - purchase.slots.booked().interval } else { arrival };
    Timestamp::from_millis((before / 1000).max(now.millis()))
}

/// Why a ledger refuses, unless the update was only built from an outdated one.
fn refusal(purchase: &Purchase<'_>, ledger: &LedgerItem, now: Timestamp) -> Option<ApiError> {
    let key = purchase.key.limit.decide(ledger.arrival(&key_attribute(&purchase.key.key_id)), now);
    let slot = purchase.slots.booked().decide(ledger.arrival(&slot_attribute(purchase.instance)), now);
    match (key, slot) {
        (Decision::Wait(wait), _) => Some(key_limit_exceeded(wait)),
        _ if ledger.credits < 1 => Some(ErrorCode::InsufficientCredits.into()),
        (_, Decision::Wait(wait)) => Some(slots_exhausted(wait)),
        _ => None,
    }
}

fn key_limit_exceeded(wait: Duration) -> ApiError {
    let message = "This API key has sent more messages than its plan allows. Try again after `retryAfter` seconds.";
    ApiError::new(ErrorCode::RateLimitExceeded, message).retry_after(wait)
}

fn slots_exhausted(wait: Duration) -> ApiError {
    let message = "`instanceId` names a number that already has as many waiting messages as it can send in the next \
                   minutes. Try again after `retryAfter` seconds.";
    ApiError::field(ErrorCode::RateLimitExceeded, "instanceId", message).retry_after(wait)
}

#[cfg(test)]
mod model;
