//! The limit of a key's requests other than sending: one arrival time a key and class of endpoints, on an item of its own.
//! Sending has its limit on the account's meter.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::account_key::ItemKey;
use crate::account_table::AccountTable;
use crate::api_error::{ApiError, ErrorCode};
use crate::authentication::Caller;
use crate::change::{Change, Item};
use crate::clock::Timestamp;
use crate::conditional_write::Updated;
use crate::ids::KeyId;
use crate::rate_limit::{Allowance, ArrivalTime, Verdict};

/// The item's attribute.
const ARRIVAL: &str = "arrival";
/// How often a guess is made at an item that others change all the while.
const GUESSES: u32 = 16;

/// The contract's classes of endpoints; each key has a limit for each. Nothing falls into its fourth, `general`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Class {
    /// Status, history, cancelling.
    Messages,
    /// Instances.
    Instances,
    /// Webhooks.
    Webhooks,
}

/// Holds keys to their limits.
pub struct KeyLimiter {
    accounts: AccountTable,
    seen: Mutex<HashMap<(KeyId, Class), ArrivalTime>>,
}

impl KeyLimiter {
    /// A limiter over this table.
    pub fn new(accounts: AccountTable) -> Self {
        Self { accounts, seen: Mutex::new(HashMap::new()) }
    }

    /// Counts a request, or refuses it; what would certainly be refused is refused without a call.
    pub async fn pass(&self, caller: &Caller, class: Class, now: Timestamp) -> Result<(), ApiError> {
        let name = (caller.key().clone(), class);
        let limit = caller.limit();
        for _ in 0..GUESSES {
            let seen = self.seen(&name);
            if let Verdict::Wait(wait) = limit.decide(seen, now) {
                return Err(exceeded(wait));
            }
            let change = limit.advance(Change::new(), ARRIVAL, seen, now);
            let key = ItemKey::limit(caller.account(), caller.key(), &class.to_string());
            let answer = self.accounts.change(key, &change).await.map_err(|error| ApiError::unavailable(error, 1))?;
            let (item, passed) = match answer {
                Updated::Done(item) => (Some(item), true),
                Updated::Refused(item) => (item, false),
            };
            self.remember(name.clone(), item.as_ref().map_or(0, arrival));
            if passed {
                return Ok(());
            }
        }
        Err(ApiError::unavailable("a key's limit changes whenever it is looked at", 1))
    }

    /// What a caller's limit allows, as far as is known here.
    pub fn allowance(&self, caller: &Caller, class: Class, now: Timestamp) -> Allowance {
        caller.limit().allowance(self.seen(&(caller.key().clone(), class)), now)
    }

    fn seen(&self, name: &(KeyId, Class)) -> ArrivalTime {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied().unwrap_or(0)
    }

    fn remember(&self, name: (KeyId, Class), arrival: ArrivalTime) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(name, arrival);
    }
}

fn arrival(item: &Item) -> ArrivalTime {
    item.get(ARRIVAL).and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or(0)
}

fn exceeded(wait: Duration) -> ApiError {
    let message = "this API key has asked more than its plan allows";
    ApiError::new(ErrorCode::RateLimitExceeded, message).retry_after(wait)
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Messages => "messages",
            Self::Instances => "instances",
            Self::Webhooks => "webhooks",
        })
    }
}
