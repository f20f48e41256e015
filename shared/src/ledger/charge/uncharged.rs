//! Requests that make no charge: refused ones, and replays of an Idempotency-Key. They count against the key's limit.
//!
//! Each is one update of the ledger that only advances the key's arrival time. A process that knows the key to be over its
//! limit refuses without a call, so a flood costs no more writes than the limit allows requests.

use std::time::Duration;

use super::charge_update::{Known, remove_idle};
use super::{Charger, key_limit_exceeded};
use crate::aws::conditional_write::until_applied;
use crate::aws::{ConditionalWrite, ItemKey, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::http::{Allowance, ApiError, ErrorCode};
use crate::ids::{AccountId, MessageId};
use crate::ledger::key_limit::LimitedKey;
use crate::ledger::ledger_item::{CREDITS, LedgerItem, key_attribute};
use crate::ledger::rate_limit::{Decision, micros};

/// How long a balance is trusted without reading the table.
const BALANCE_AGE: Duration = Duration::from_secs(1);

impl Charger {
    /// What a key's limit still allows, as far as this process knows.
    pub fn allowance(&self, key: &LimitedKey, now: Timestamp) -> Allowance {
        let arrival = self.known(&key.account_id, |known| known.ledger.arrival(&key_attribute(&key.key_id)));
        key.limit.allowance(arrival, now)
    }

    /// Refuses any request of a key that this process knows to be over its limit.
    pub fn refuse_over_limit(&self, key: &LimitedKey, now: Timestamp) -> Result<(), ApiError> {
        let arrival = self.known(&key.account_id, |known| known.ledger.arrival(&key_attribute(&key.key_id)));
        match key.limit.decide(arrival, now) {
            Decision::Wait(wait) => Err(key_limit_exceeded(wait)),
            Decision::Allow(_) => Ok(()),
        }
    }

    /// Refuses from memory a charge that would certainly be refused: a refused write costs as much as an applied one.
    pub fn refuse_early(&self, key: &LimitedKey, now: Timestamp) -> Result<(), ApiError> {
        self.refuse_over_limit(key, now)?;
        let is_empty = self.known(&key.account_id, |known| known.is_fresh(now) && known.ledger.credits < 1);
        if is_empty { Err(ErrorCode::InsufficientCredits.into()) } else { Ok(()) }
    }

    /// The same from the table, unless the ledger was seen just now: before a call that costs more than a read.
    pub async fn refuse_before_call(&self, key: &LimitedKey, now: Timestamp) -> Result<(), ApiError> {
        let account = &key.account_id;
        if !self.known(account, |known| known.is_fresh(now)) {
            let ledger = self.ledger.read(account).await.map_err(|error| ApiError::unavailable(error, 1))?;
            self.remember(account, &ledger.unwrap_or_default(), &[], now);
        }
        self.refuse_early(key, now)
    }

    /// Whether a message or a batch may be charged for and not recorded yet, as this process saw the ledger last. A charge that is
    /// refused and a request that is counted have seen it just now, unless the table did not answer.
    pub fn may_be_reserved(&self, account: &AccountId, id: [u8; 16]) -> bool {
        let id = MessageId::from_bytes(id);
        self.known(account, |known| {
            known.seen_at.is_none() || known.ledger.reservations.iter().any(|it| it.message_id == id)
        })
    }

    /// Counts a request that makes no charge, and refuses it if its key is over its limit.
    pub async fn count(&self, key: &LimitedKey, now: Timestamp) -> Result<(), ApiError> {
        let counted = until_applied(|| self.try_to_count(key, now)).await;
        match counted.and_then(|decision| decision.ok_or(TableError::Conflict)) {
            Ok(Decision::Wait(wait)) => Err(key_limit_exceeded(wait)),
            Ok(Decision::Allow(_)) => Ok(()),
            Err(error) => {
                // Answered as if it had been counted: it made no message.
                tracing::warn!(account_id = %key.account_id, %error, "rate_limit.count_failed");
                Ok(())
            }
        }
    }

    /// Counts a refused request. Returns its refusal, or that of its key's limit. An error of ours does not count.
    pub async fn count_refusal(&self, key: &LimitedKey, refusal: ApiError, now: Timestamp) -> ApiError {
        if refusal.code.status().is_server_error() {
            return refusal;
        }
        self.count(key, now).await.err().unwrap_or(refusal)
    }

    /// `None` when the ledger had changed. An update that the SDK repeats after a lost response may count twice.
    async fn try_to_count(&self, key: &LimitedKey, now: Timestamp) -> Result<Option<Decision>, TableError> {
        let (account, attribute) = (&key.account_id, key_attribute(&key.key_id));
        let (decision, update) = self.known(account, |known| {
            let seen = known.ledger.arrival(&attribute);
            let existing = UpdateBuilder::new().when_present(CREDITS);
            let update = key.limit.advance(existing, &attribute, seen, micros(now), now);
            (key.limit.decide(seen, now), remove_idle(update, &known.ledger, &[&attribute], now))
        });
        if matches!(decision, Decision::Wait(_)) {
            return Ok(Some(decision));
        }
        let written = self.ledger.accounts.update(ItemKey::ledger(account), &update).await;
        let (item, is_applied) = match written.inspect_err(|_| self.forget(account))? {
            ConditionalWrite::Applied(item) => (item, true),
            ConditionalWrite::Refused(Some(item)) => (item, false),
            ConditionalWrite::Refused(None) => {
                self.remember(account, &LedgerItem::default(), &[], now); // an account without a ledger
                return Ok(Some(decision));
            }
        };
        self.remember(account, &LedgerItem::from_item(&item), &[], now);
        Ok(is_applied.then_some(decision))
    }
}

impl Known {
    /// Whether the ledger was seen so recently that its balance can be trusted.
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.seen_at.is_some_and(|at| now < at.plus(BALANCE_AGE))
    }
}
