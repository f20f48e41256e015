//! The limit of a key's requests other than sending: one arrival time a key and endpoint class, on an item of its own.
//!
//! The limit of sending is on the account's ledger, written by the charge.

use std::time::Duration;

use crate::aws::conditional_write::until_applied;
use crate::aws::{AccountsTable, ConditionalWrite, Item, ItemKey, TableError, UpdateBuilder};
use crate::bounded_map::BoundedMap;
use crate::clock::Timestamp;
use crate::http::{Allowance, ApiError, ErrorCode};
use crate::ids::{AccountId, KeyId};
use crate::ledger::rate_limit::{ArrivalTime, Decision, RateLimit, micros};

/// The attribute of an item that holds one arrival time.
pub const ARRIVAL: &str = "arrival";

/// An API key and the limit of its requests.
#[derive(Clone, Debug)]
pub struct LimitedKey {
    /// The key's account.
    pub account_id: AccountId,
    /// The key.
    pub key_id: KeyId,
    /// The limit in each endpoint class.
    pub limit: RateLimit,
}

/// The contract's classes of endpoints; each key has a limit for each. No endpoint is in its fourth, `general`.
#[derive(Clone, Copy, Debug, strum::Display, Eq, Hash, PartialEq)]
#[strum(serialize_all = "camelCase")]
pub enum EndpointClass {
    /// Status, history, cancelling.
    Messages,
    /// Instances.
    Instances,
    /// Webhooks.
    Webhooks,
}

/// Holds keys to their limits.
pub struct KeyLimiter {
    accounts: AccountsTable,
    seen: BoundedMap<(KeyId, EndpointClass), ArrivalTime>,
}

impl KeyLimiter {
    /// A limiter over this table.
    pub fn new(accounts: AccountsTable) -> Self {
        Self { accounts, seen: BoundedMap::default() }
    }

    /// Counts a request, or refuses it; what would certainly be refused costs no call.
    pub async fn count(&self, key: &LimitedKey, class: EndpointClass, now: Timestamp) -> Result<(), ApiError> {
        let counted = until_applied(|| self.try_to_count(key, class, now)).await?;
        counted.ok_or_else(|| ApiError::unavailable(TableError::Conflict, 1))
    }

    async fn try_to_count(
        &self,
        key: &LimitedKey,
        class: EndpointClass,
        now: Timestamp,
    ) -> Result<Option<()>, ApiError> {
        let name = (key.key_id.clone(), class);
        let seen = self.seen(&name);
        if let Decision::Wait(wait) = key.limit.decide(seen, now) {
            return Err(exceeded(wait));
        }
        let count = key.limit.advance(UpdateBuilder::new(), ARRIVAL, seen, micros(now), now);
        let item = ItemKey::key_limit(&key.account_id, &key.key_id, &class.to_string());
        // Without an answer nothing is known any more, and the next request begins anew.
        let written = self.accounts.update(item, &count).await.inspect_err(|_| {
            self.seen.remove(&name);
        });
        let written = written.map_err(|error| ApiError::unavailable(error, 1))?;
        let (item, is_applied) = match written {
            ConditionalWrite::Applied(item) => (Some(item), true),
            ConditionalWrite::Refused(item) => (item, false),
        };
        let arrival = item.as_ref().map_or(0, arrival);
        self.seen.insert(name, arrival);
        Ok(is_applied.then_some(()))
    }

    /// What a key's limit still allows, as far as this process knows.
    pub fn allowance(&self, key: &LimitedKey, class: EndpointClass, now: Timestamp) -> Allowance {
        key.limit.allowance(self.seen(&(key.key_id.clone(), class)), now)
    }

    fn seen(&self, name: &(KeyId, EndpointClass)) -> ArrivalTime {
        self.seen.get(name).unwrap_or(0)
    }
}

pub(crate) fn arrival(item: &Item) -> ArrivalTime {
    item.get(ARRIVAL).and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or(0)
}

fn exceeded(wait: Duration) -> ApiError {
    let message = "This API key has made more requests than its plan allows. Try again after `retryAfter` seconds.";
    ApiError::new(ErrorCode::RateLimitExceeded, message).retry_after(wait)
}
