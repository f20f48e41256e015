//! New slots for messages that missed theirs (docs/adr/0012).

use crate::aws::conditional_write::until_applied;
use crate::aws::{AccountsTable, ConditionalWrite, Item, ItemKey, TableError, UpdateBuilder};
use crate::bounded_map::BoundedMap;
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId};
use crate::ledger::ledger_item::{
    CREDITS, LedgerItem, SLOT_ITEMS, batch_slot_attribute, late_slot_attribute, slot_attribute,
};
use crate::ledger::rate_limit::{ArrivalTime, micros};
use crate::ledger::slot_items::kept;
use crate::ledger::slot_shares::SendSlots;

/// Books slots for messages that missed theirs.
pub struct LateSlots {
    accounts: AccountsTable,
    /// Arrival times of instances as they were last seen.
    known: BoundedMap<InstanceId, Known>,
}

/// What is known of an instance.
#[derive(Clone, Copy, Default)]
struct Known {
    seen: Arrivals,
    /// Whether the account books slots in items of their own, and what its ledger held when it began to.
    before: Option<Arrivals>,
}

#[derive(Clone, Copy, Default)]
struct Arrivals {
    /// Of the slots that charges book.
    booked: ArrivalTime,
    /// Of the slots for messages that missed theirs.
    late: ArrivalTime,
    /// Of those of batches: while these leave, fewer are booked beside them.
    batches: ArrivalTime,
}

impl Arrivals {
    fn read(item: &LedgerItem, instance: &InstanceId) -> Self {
        Self {
            booked: item.arrival(&slot_attribute(instance)),
            late: item.arrival(&late_slot_attribute(instance)),
            batches: item.arrival(&batch_slot_attribute(instance)),
        }
    }
}

impl LateSlots {
    /// Books slots in this table.
    pub fn new(accounts: AccountsTable) -> Self {
        Self { accounts, known: BoundedMap::default() }
    }

    /// Books the next slot of either kind, whichever is sooner: behind a campaign the next one that a charge would get may
    /// be many minutes away. A message of a batch takes none of those that single messages get.
    pub async fn book(
        &self,
        account: &AccountId,
        (instance, is_of_batch): (&InstanceId, bool),
        slots: SendSlots,
        now: Timestamp,
    ) -> Result<Timestamp, TableError> {
        let booked = until_applied(|| self.try_to_book(account, (instance, is_of_batch), slots, now)).await?;
        booked.ok_or(TableError::Conflict)
    }

    async fn try_to_book(
        &self,
        account: &AccountId,
        (instance, is_of_batch): (&InstanceId, bool),
        slots: SendSlots,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, TableError> {
        let known = self.known.remove(instance).unwrap_or_default();
        let before = known.before.unwrap_or_default();
        let late = known.seen.late.max(before.late).max(micros(now));
        let (batches, booked) = (known.seen.batches.max(before.batches), known.seen.booked.max(before.booked));
        let are_batches_leaving = batches > micros(now);
        let (attribute, limit, arrival, floor) = if is_of_batch && are_batches_leaving && batches <= late {
            (
                batch_slot_attribute(instance),
                slots.batch().rebooked(),
                known.seen.batches,
                before.batches.max(micros(now)),
            )
        } else if is_of_batch || late < booked {
            (late_slot_attribute(instance), slots.late(), known.seen.late, before.late.max(micros(now)))
        } else {
            let limit = if are_batches_leaving { slots.beside_batches() } else { slots.booked() };
            (slot_attribute(instance), limit.rebooked(), known.seen.booked, before.booked)
        };
        let is_own = known.before.is_some();
        let (key, update) = if is_own {
            (ItemKey::slots(account, instance), kept(now))
        } else {
            (ItemKey::ledger(account), UpdateBuilder::new().when_present(CREDITS).when_absent(SLOT_ITEMS))
        };
        let book = limit.advance(update, &attribute, arrival, floor, now);
        let (item, is_applied) = match self.accounts.update(key, &book).await? {
            ConditionalWrite::Applied(item) => (item, true),
            ConditionalWrite::Refused(Some(item)) => (item, false),
            ConditionalWrite::Refused(None) if is_own => (Item::new(), false),
            ConditionalWrite::Refused(None) => return Ok(Some(now)), // no ledger any more: nobody else uses these slots
        };
        let item = LedgerItem::from_item(&item);
        let seen = Arrivals::read(&item, instance);
        let known = if item.has_slot_items {
            Known { seen: Arrivals::default(), before: Some(seen) }
        } else {
            Known { seen, ..known }
        };
        self.known.insert(instance.clone(), known);
        let slot = Timestamp::from_millis((item.arrival(&attribute) - limit.interval) / 1000);
        Ok(is_applied.then_some(slot))
    }
}
