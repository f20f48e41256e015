//! The update that makes a charge, built from what a process knows of the ledger.

use std::borrow::Cow;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::aws::UpdateBuilder;
use crate::clock::Timestamp;
use crate::ids::InstanceId;
use crate::ledger::active_ledgers::activity_shard;
use crate::ledger::bulk_lane::Lane;
use crate::ledger::key_limit::LimitedKey;
use crate::ledger::ledger_item::{
    ACTIVE, CHARGED_AT, CREDITS, LedgerItem, SLOT_ITEMS, backlog_attribute, batch_slot_attribute, key_attribute,
    slot_attribute,
};
use crate::ledger::rate_limit::micros;
use crate::ledger::reservation::{MAX_RESERVATIONS, RESERVATIONS, Reservation, reservation_attribute};
use crate::ledger::slot_booking::SlotBooking;
use crate::ledger::slot_shares::SendSlots;

/// Reservations of completed requests that one charge removes.
const MAX_REMOVED: usize = 10;
/// Idle arrival times that are kept.
const MAX_IDLE: usize = 8;
/// Idle arrival times that one charge removes: an expression of DynamoDB's is at most 4 KB long.
const MAX_IDLE_REMOVED: usize = 10;
/// How long an arrival time must be past to be removed: one that is used again meanwhile refuses the charge.
const IDLE_AFTER: Duration = Duration::from_secs(1);
/// How long ago another process's charge was made for it to be at work still.
const AT_WORK_FOR: Duration = Duration::from_secs(1);
/// Instances' attributes in a ledger, about half a kilobyte; with more, slots are booked in items of their own.
const MAX_INSTANCE_ATTRIBUTES: usize = 16;

/// What is charged for: one message, or a batch of them.
pub struct Purchase<'a> {
    /// The key that sends.
    pub key: &'a LimitedKey,
    /// The instance that the message leaves from.
    pub instance: &'a InstanceId,
    /// The slots of the instance's number.
    pub slots: SendSlots,
    /// The message's id, as bytes, or the batch's.
    pub message: [u8; 16],
    /// How many messages, if it is a batch.
    pub batch_size: Option<u16>,
    /// Whether it is to be sent later: then its slot is booked when it is enqueued.
    pub is_scheduled: bool,
}

impl Purchase<'_> {
    /// The credits that it costs.
    pub(super) fn credits(&self) -> i64 {
        self.batch_size.map_or(1, i64::from)
    }
}

/// The last known state of an account's ledger.
#[derive(Default)]
pub(super) struct Known {
    pub(super) ledger: LedgerItem,
    pub(super) seen_at: Option<Timestamp>,
    /// Reservations of this process's completed requests, by attribute: the next charge removes them.
    pub(super) completed: Vec<String>,
}

impl Known {
    /// The ledger as it probably is now. What this process alone charges is as it was seen; another's reservation shows that
    /// others charge as well.
    fn expected(&self, now: Timestamp) -> Cow<'_, LedgerItem> {
        let is_others =
            |open: &Reservation| open.at > now.minus(AT_WORK_FOR) && !self.completed.contains(&open.attribute);
        match self.seen_at {
            Some(seen_at) if self.ledger.reservations.iter().any(is_others) => {
                Cow::Owned(self.ledger.as_others_leave_it(seen_at, now))
            }
            _ => Cow::Borrowed(&self.ledger),
        }
    }
}

/// The update that makes a charge.
pub(super) struct ChargeUpdate {
    pub(super) update: UpdateBuilder,
    /// The lane that it chooses; none when the slot is booked in an item of its own.
    pub(super) lane: Option<Lane>,
    /// The reservations that it removes, by attribute.
    pub(super) removed: Vec<String>,
}

/// The update that the known ledger suggests.
pub(super) fn charge_update(purchase: &Purchase<'_>, nonce: &str, known: &Known, now: Timestamp) -> ChargeUpdate {
    let ledger = &*known.expected(now);
    let update = UpdateBuilder::new().add(CREDITS, -purchase.credits()).when_at_least(CREDITS, purchase.credits());
    let update = update.set(ACTIVE, activity_shard(&purchase.key.account_id)).set(CHARGED_AT, now);
    let (update, removed) = reserve(update, purchase, nonce, known, now);
    let key = key_attribute(&purchase.key.key_id);
    let update = purchase.key.limit.advance(update, &key, ledger.arrival(&key), micros(now), now);
    let idle_until = micros(now.minus(IDLE_AFTER));
    let (mut update, lane) = if purchase.is_scheduled {
        (update, Some(Lane::Express))
    } else if ledger.has_slot_items {
        (update.when_present(SLOT_ITEMS), None)
    } else {
        let is_crowded = ledger.instances_at_work(idle_until) > MAX_INSTANCE_ATTRIBUTES;
        let (update, lane) = booking(purchase, ledger, now).add_to(update.when_absent(SLOT_ITEMS));
        // Not while a process of an earlier version may be at work: it books slots in the ledger alone.
        let moves = is_crowded && ledger.old_reservations() == 0;
        (update.set_some(SLOT_ITEMS, moves.then_some(true)), Some(lane))
    };
    let instance = purchase.instance;
    let own = [slot_attribute(instance), backlog_attribute(instance), batch_slot_attribute(instance)];
    update = remove_idle(update, ledger, &[&key, &own[0], &own[1], &own[2]], now);
    ChargeUpdate { update, lane, removed }
}

/// Removes arrival times that have been idle, except those that the update itself changes.
pub(super) fn remove_idle(
    update: UpdateBuilder,
    ledger: &LedgerItem,
    changed: &[&str],
    now: Timestamp,
) -> UpdateBuilder {
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
    let value = match purchase.batch_size {
        Some(messages) => Reservation::batch_value(purchase.message, messages, now),
        None => Reservation::value(purchase.message, now),
    };
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
pub(super) const fn booking<'a>(purchase: &'a Purchase<'_>, ledger: &'a LedgerItem, now: Timestamp) -> SlotBooking<'a> {
    let Purchase { instance, slots, batch_size, .. } = *purchase;
    SlotBooking { instance, slots, seen: ledger, before: None, batch_size, now }
}
