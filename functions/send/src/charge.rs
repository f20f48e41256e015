//! The charge: one update of the account's meter that takes a credit, holds the key's limit, books the message's slot
//! and reserves, all together or not at all.
//!
//! An update can't take the greater of two times, so each arrival time has two branches: ahead of now, or behind it. The
//! charge guesses from what was last seen of the meter; a wrong guess is refused with the meter as it stands, which
//! tells the right branch, or 402 from 429, without a read.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::account_table::AccountTable;
use shared::api_error::{ApiError, ErrorCode};
use shared::authentication::Caller;
use shared::change::Change;
use shared::clock::Timestamp;
use shared::conditional_write::{TableError, Updated};
use shared::delivery_queue::Lane;
use shared::ids::{AccountId, InstanceId};
use shared::instance::Number;
use shared::meter::{self, Meter, Reservation};
use shared::rate_limit::{Allowance, Verdict, micros};
use shared::slots::EXPRESS_WITHIN;

/// How often the charge guesses before it gives up on a meter that others change all the while.
const GUESSES: u32 = 16;
/// How long a balance of 0 is believed without asking.
const EMPTY_AGE: Duration = Duration::from_secs(1);
/// Reservations of requests that are done which one charge removes.
const MAX_REMOVED: usize = 10;
/// Arrival times that lie behind are removed when there are more than this.
const MAX_IDLE: usize = 8;

/// Charges accounts.
pub struct Charger {
    accounts: AccountTable,
    known: Mutex<HashMap<AccountId, Known>>,
}

/// What this process knows of an account's meter.
#[derive(Default)]
struct Known {
    meter: Meter,
    seen_at: Option<Timestamp>,
    /// Reservations of this process's own whose requests are done: the next charge removes them.
    done: Vec<String>,
}

/// What is charged for.
pub struct Purchase<'a> {
    /// Who sends.
    pub caller: &'a Caller,
    /// From which instance.
    pub instance: &'a InstanceId,
    /// From which number.
    pub number: &'a Number,
    /// The message's id, as bytes.
    pub message: [u8; 16],
}

/// A charge that was made.
#[derive(Debug)]
pub struct Charged {
    /// The request's nonce, under which it is reserved.
    pub nonce: String,
    /// When the number's rate lets the message go.
    pub slot: Timestamp,
    /// The queue that it goes through.
    pub lane: Lane,
    /// Reservations that are open, its own included.
    pub open: Vec<Reservation>,
}

impl Charger {
    /// A charger over this table.
    pub fn new(accounts: AccountTable) -> Self {
        Self { accounts, known: Mutex::new(HashMap::new()) }
    }

    /// What a caller's limit allows, as far as is known here.
    pub fn allowance(&self, caller: &Caller, now: Timestamp) -> Allowance {
        let arrival = self.known(caller.account(), |known| known.meter.arrival(&meter::of_key(caller.key())));
        caller.limit().allowance(arrival, now)
    }

    /// Refuses from memory what would certainly be refused: a refused write costs as much as one that is done.
    pub fn refuse_early(&self, caller: &Caller, now: Timestamp) -> Result<(), ApiError> {
        let (arrival, is_empty) = self.known(caller.account(), |known| {
            let fresh = known.seen_at.is_some_and(|at| now < at.plus(EMPTY_AGE));
            (known.meter.arrival(&meter::of_key(caller.key())), fresh && known.meter.credits < 1)
        });
        if let Verdict::Wait(wait) = caller.limit().decide(arrival, now) {
            return Err(key_limit_exceeded(wait));
        }
        if is_empty { Err(insufficient_credits()) } else { Ok(()) }
    }

    /// Charges for a message, or says why not. A charge whose answer was lost leaves its reservation standing, and
    /// `settle` gives it back.
    pub async fn charge(&self, purchase: &Purchase<'_>, now: Timestamp) -> Result<Charged, ApiError> {
        let nonce = meter::new_nonce();
        let account = purchase.caller.account();
        for _ in 0..GUESSES {
            let (change, lane, removed) = self.known(account, |known| change(purchase, &nonce, known, now));
            let answer = self.accounts.change_meter(account, &change).await;
            let (meter, done) = match answer.map_err(|error| ApiError::unavailable(error, 1))? {
                Updated::Done(item) => (Meter::of_item(&item), true),
                Updated::Refused(None) => return Err(insufficient_credits()),
                Updated::Refused(Some(item)) => (Meter::of_item(&item), false),
            };
            // The SDK tried twice and the first, whose answer was lost, was applied.
            let done = done || meter.reservations.iter().any(|reservation| reservation.nonce == nonce);
            let slot = slot(purchase, &meter, done, now);
            self.remember(account, &meter, &removed, now);
            if done {
                return Ok(Charged { nonce, slot, lane, open: meter.reservations });
            }
            refusal(purchase, &meter, now).map_or(Ok(()), Err)?;
        }
        Err(ApiError::unavailable("the meter changes whenever it is looked at", 1))
    }

    /// The request that made a charge is over and its message queued: its reservation is no longer needed. Each is noted
    /// once: DynamoDB takes no update that removes the same attribute twice.
    pub fn done(&self, account: &AccountId, nonce: String) {
        self.known(account, |known| {
            if !known.done.contains(&nonce) {
                known.done.push(nonce);
            }
        });
    }

    /// Gives a charge back by its nonce, once.
    pub async fn give_back(&self, account: &AccountId, nonce: &str) -> Result<(), TableError> {
        self.accounts.give_back(account, nonce).await
    }

    fn remember(&self, account: &AccountId, meter: &Meter, removed: &[String], now: Timestamp) {
        self.known(account, |known| {
            known.meter = meter.clone();
            known.seen_at = Some(now);
            let still_there = |nonce: &String| meter.reservations.iter().any(|open| open.nonce == *nonce);
            known.done.retain(|nonce| !removed.contains(nonce) || still_there(nonce));
        });
    }

    fn known<T>(&self, account: &AccountId, work: impl FnOnce(&mut Known) -> T) -> T {
        let mut known: MutexGuard<'_, HashMap<_, _>> = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        work(known.entry(account.clone()).or_default())
    }
}

/// The update that the known meter suggests, the lane that it chooses, and the reservations that it removes.
fn change(purchase: &Purchase<'_>, nonce: &str, known: &Known, now: Timestamp) -> (Change, Lane, Vec<String>) {
    let reservation = meter::of_reservation(nonce);
    let mut change = Change::new()
        .add("credits", -1)
        .when_at_least("credits", 1)
        .set_value(&reservation, Reservation::value(purchase.message, now))
        .when_absent(&reservation);
    let own = [meter::of_key(purchase.caller.key()), meter::of_instance(purchase.instance)];
    for (attribute, limit) in own.iter().zip([purchase.caller.limit(), purchase.number.slots()]) {
        change = limit.advance(change, attribute, known.meter.arrival(attribute), now);
    }
    let (mut change, lane) = lane(change, purchase, &known.meter, now);
    let removed: Vec<String> = known.done.iter().take(MAX_REMOVED).cloned().collect();
    for nonce in &removed {
        change = change.remove(&meter::of_reservation(nonce));
    }
    let idle: Vec<&str> = known.meter.idle(micros(now)).filter(|name| !own.iter().any(|own| own == name)).collect();
    for attribute in idle.iter().skip(MAX_IDLE) {
        change = change.remove(attribute).when_at_most(attribute, micros(now));
    }
    (change, lane, removed)
}

/// An instance that is booked ahead goes into the bulk lane and stays there, since its messages would overtake each other
/// otherwise; `settle` brings it back when all of them have left.
fn lane(change: Change, purchase: &Purchase<'_>, meter: &Meter, now: Timestamp) -> (Change, Lane) {
    let (mark, arrival) = (meter::of_bulk(purchase.instance), meter::of_instance(purchase.instance));
    let express_until = micros(now.plus(EXPRESS_WITHIN));
    if meter.bulk.contains_key(&mark) {
        return (change.set(&mark, now).when_present(&mark), Lane::Bulk);
    }
    if meter.arrival(&arrival) > express_until {
        return (change.set(&mark, now).when_above(&arrival, express_until), Lane::Bulk);
    }
    let change = change.when_absent(&mark).when_absent_or_at_most(&arrival, express_until);
    (change, Lane::Express)
}

/// When the message may go: before its own booking the arrival time was one interval less.
fn slot(purchase: &Purchase<'_>, meter: &Meter, done: bool, now: Timestamp) -> Timestamp {
    let arrival = meter.arrival(&meter::of_instance(purchase.instance));
    let before = if done { arrival - purchase.number.slots().interval() } else { arrival };
    Timestamp::from_millis((before / 1000).max(now.millis()))
}

/// Why a meter refuses, if it was not a wrong guess.
fn refusal(purchase: &Purchase<'_>, meter: &Meter, now: Timestamp) -> Option<ApiError> {
    let key = purchase.caller.limit().decide(meter.arrival(&meter::of_key(purchase.caller.key())), now);
    let slot = purchase.number.slots().decide(meter.arrival(&meter::of_instance(purchase.instance)), now);
    match (key, slot) {
        (Verdict::Wait(wait), _) => Some(key_limit_exceeded(wait)),
        _ if meter.credits < 1 => Some(insufficient_credits()),
        (_, Verdict::Wait(wait)) => Some(booked(wait)),
        _ => None,
    }
}

fn key_limit_exceeded(wait: Duration) -> ApiError {
    ApiError::new(ErrorCode::RateLimitExceeded, "this API key has sent more than its plan allows").retry_after(wait)
}

fn booked(wait: Duration) -> ApiError {
    let message = "as many messages as this number can send for the next minutes are waiting already";
    ApiError::field(ErrorCode::RateLimitExceeded, "instanceId", message).retry_after(wait)
}

fn insufficient_credits() -> ApiError {
    ApiError::new(ErrorCode::InsufficientCredits, "the account has no credits left; ask your operator for more")
}

#[cfg(test)]
mod model;
