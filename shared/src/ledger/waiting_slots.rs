//! The slots of messages that wait in the table: of batches, and of what has a `sendAt`. They are booked when the messages are
//! enqueued, many in one write, and not when they are charged. So each batch of an instance gets its turn, and what is
//! cancelled leaves no gap (docs/adr/0064).

use std::time::Duration;

use crate::aws::conditional_write::until_applied;
use crate::aws::{AccountsTable, ConditionalWrite, ItemKey, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId};
use crate::ledger::credits::Ledger;
use crate::ledger::lane::Lane;
use crate::ledger::ledger_item::{
    CREDITS, LedgerItem, SLOT_ITEMS, backlog_attribute, batch_slot_attribute, bulk_attribute, slot_attribute,
};
use crate::ledger::rate_limit::{ArrivalTime, micros};
use crate::ledger::send_slots::SendSlots;
use crate::ledger::slot_items::kept;

/// Books slots for messages that wait in the table.
pub struct WaitingSlots {
    ledger: Ledger,
}

/// Consecutive slots of a number.
#[derive(Clone, Copy, Debug)]
pub struct BookedSlots {
    first: ArrivalTime,
    interval: i64,
    /// How many; none when the next one is too far away.
    pub count: usize,
    /// The queue that their messages go through.
    pub lane: Lane,
}

/// What is to be booked.
#[derive(Clone, Copy, Debug)]
pub struct WantedSlots {
    /// The slots of the number.
    pub slots: SendSlots,
    /// Whether they are for messages of batches.
    pub for_batches: bool,
    /// The most that are booked.
    pub most: usize,
    /// When the first may be.
    pub not_before: Timestamp,
    /// When the last may be. Single messages of a number whose singles are in the bulk lane get slots behind these: they wait in the
    /// table, as these do.
    pub until: Timestamp,
    /// Whether they are single messages that have found no slot for long: these get one wherever a charge does.
    pub has_starved: bool,
    /// Nothing is booked where there is room for less of the number's time than this, unless that is enough for all.
    pub least: Duration,
}

impl BookedSlots {
    /// So many for the bulk queue, the first at an arrival time, in microseconds from one to the next.
    pub const fn new(first: ArrivalTime, interval: i64, count: usize) -> Self {
        Self { first, interval, count, lane: Lane::Bulk }
    }

    /// How much of the number's time they take.
    pub fn span(&self) -> Duration {
        let span = i64::try_from(self.count).unwrap_or(i64::MAX).saturating_mul(self.interval);
        Duration::from_micros(span.unsigned_abs())
    }

    /// The slot at a position.
    pub fn at(&self, position: usize) -> Timestamp {
        let behind = i64::try_from(position).unwrap_or(i64::MAX).saturating_mul(self.interval);
        Timestamp::from_millis(self.first.saturating_add(behind) / 1000)
    }
}

/// The slots of an instance as they were seen.
struct Seen {
    /// The item that holds them.
    key: ItemKey,
    item: LedgerItem,
    /// What the ledger still holds of an instance whose slots are in an item of their own.
    ledger: LedgerItem,
}

impl Seen {
    fn arrival(&self, attribute: &str) -> ArrivalTime {
        self.item.arrival(attribute).max(self.ledger.arrival(attribute))
    }

    /// The lane of an instance's single messages.
    fn lane(&self, instance: &InstanceId) -> Lane {
        let mark = bulk_attribute(instance);
        let is_marked = [&self.item, &self.ledger].iter().any(|item| item.bulk_marks.contains_key(&mark));
        if is_marked { Lane::Bulk } else { Lane::Express }
    }

    /// Keeps an instance in its lane: what is booked in the bulk lane renews the mark, as a charge does.
    fn stay_in_lane(&self, update: UpdateBuilder, instance: &InstanceId, now: Timestamp) -> UpdateBuilder {
        let mark = bulk_attribute(instance);
        match self.lane(instance) {
            Lane::Express => update.when_absent(&mark),
            Lane::Bulk if self.item.bulk_marks.contains_key(&mark) => update.set(&mark, now).when_present(&mark),
            Lane::Bulk => update.set(&mark, now),
        }
    }
}

impl WaitingSlots {
    /// Books slots in this table.
    pub const fn new(accounts: AccountsTable) -> Self {
        Self { ledger: Ledger::new(accounts) }
    }

    /// Books the next slots of an instance; nothing for an account without a ledger.
    pub async fn book(
        &self,
        account: &AccountId,
        instance: &InstanceId,
        wanted: WantedSlots,
        now: Timestamp,
    ) -> Result<Option<BookedSlots>, TableError> {
        let booked = until_applied(|| self.try_to_book(account, instance, wanted, now)).await?;
        booked.ok_or(TableError::Conflict)
    }

    /// Gives the room of a batch's messages back that will not be sent. What the ledger says of it is an estimate, so that it
    /// does no harm to give some of it back twice.
    pub async fn give_back(
        &self,
        account: &AccountId,
        instance: &InstanceId,
        (slots, messages): (SendSlots, usize),
        now: Timestamp,
    ) -> Result<(), TableError> {
        let Some(seen) = self.read(account, instance).await? else { return Ok(()) };
        let attribute = backlog_attribute(instance);
        let by = i64::try_from(messages).unwrap_or(i64::MAX).saturating_mul(slots.batch().interval);
        let given = UpdateBuilder::new().add(&attribute, -by).when_above(&attribute, micros(now));
        self.ledger.accounts.update(seen.key, &given).await.map(drop)
    }

    async fn read(&self, account: &AccountId, instance: &InstanceId) -> Result<Option<Seen>, TableError> {
        let Some(ledger) = self.ledger.read(account).await? else { return Ok(None) };
        if !ledger.has_slot_items {
            return Ok(Some(Seen { key: ItemKey::ledger(account), item: ledger.clone(), ledger }));
        }
        let key = ItemKey::slots(account, instance);
        let item = self.ledger.read_item(key.clone()).await?.unwrap_or_default();
        Ok(Some(Seen { key, item, ledger }))
    }

    async fn try_to_book(
        &self,
        account: &AccountId,
        instance: &InstanceId,
        wanted: WantedSlots,
        now: Timestamp,
    ) -> Result<Option<Option<BookedSlots>>, TableError> {
        let Some(seen) = self.read(account, instance).await? else { return Ok(Some(None)) };
        let (batches, charged) = (batch_slot_attribute(instance), slot_attribute(instance));
        let are_batches_leaving = seen.arrival(&batches) > micros(now);
        let (attribute, limit, next) = if !wanted.for_batches {
            let slots = wanted.slots;
            let limit = if are_batches_leaving { slots.beside_batches() } else { slots.booked() };
            (&charged, limit, seen.arrival(&charged).max(micros(now)))
        } else if are_batches_leaving {
            (&batches, wanted.slots.batch(), seen.arrival(&batches))
        } else {
            // What charges booked at the whole rate comes before the first slot of batches.
            (&batches, wanted.slots.batch(), seen.arrival(&charged).max(micros(now)))
        };
        let first = next.max(micros(wanted.not_before));
        let lane = if wanted.for_batches { Lane::Bulk } else { seen.lane(instance) };
        // Of single messages a part of what charges may book, which are refused beyond it.
        let bound = micros(now) + limit.burst * 3 / 4 * limit.interval;
        let until = match lane {
            _ if wanted.for_batches => micros(wanted.until),
            Lane::Bulk => bound,
            Lane::Express => bound.min(micros(wanted.until)),
        };
        let room = usize::try_from((until - first) / limit.interval).unwrap_or_default();
        // Charges that take every slot beyond that part would keep them waiting for ever.
        let is_starved = wanted.has_starved && first < micros(now) + limit.burst * limit.interval;
        let room = if is_starved { wanted.most } else { room };
        let is_enough = BookedSlots::new(first, limit.interval, room).span() >= wanted.least || room >= wanted.most;
        let count = if is_enough { room.min(wanted.most) } else { 0 };
        // Without room it books nothing; but from now on charges leave room for batches.
        let after = if count == 0 { next } else { first + limit.interval * i64::try_from(count).unwrap_or(i64::MAX) };
        let booked = BookedSlots { lane, ..BookedSlots::new(first, limit.interval, count) };
        if after == seen.arrival(attribute) || (count == 0 && !wanted.for_batches) {
            return Ok(Some(Some(booked)));
        }
        let update = if seen.key == ItemKey::ledger(account) {
            UpdateBuilder::new().when_present(CREDITS).when_absent(SLOT_ITEMS)
        } else {
            kept(now)
        };
        let update = match seen.item.arrival(attribute) {
            0 => update.when_absent(attribute),
            arrival => update.when_equal(attribute, arrival),
        };
        let update = match wanted.for_batches {
            true if are_batches_leaving => update,
            true => update.when_absent_or_at_most(&charged, next),
            false => seen.stay_in_lane(update, instance, now),
        };
        Ok(match self.ledger.accounts.update(seen.key, &update.set(attribute, after)).await? {
            ConditionalWrite::Applied(_) => Some(Some(booked)),
            ConditionalWrite::Refused(_) => None,
        })
    }
}
