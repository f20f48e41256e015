//! New slots for messages that missed theirs (docs/adr/0012).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::aws::conditional_write::until_applied;
use crate::aws::{AccountsTable, ConditionalWrite, ItemKey, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId};
use crate::ledger::ledger_item::{CREDITS, LedgerItem, late_slot_attribute, slot_attribute};
use crate::ledger::rate_limit::{ArrivalTime, micros};
use crate::ledger::send_slots::SendSlots;

/// Books slots for messages that missed theirs.
pub struct LateSlots {
    accounts: AccountsTable,
    /// Arrival times of instances as they were last seen.
    known: Mutex<HashMap<InstanceId, Arrivals>>,
}

#[derive(Clone, Copy, Default)]
struct Arrivals {
    /// Of the slots that charges book.
    booked: ArrivalTime,
    /// Of the slots for messages that missed theirs.
    late: ArrivalTime,
}

impl LateSlots {
    /// Books slots in this table.
    pub fn new(accounts: AccountsTable) -> Self {
        Self { accounts, known: Mutex::new(HashMap::new()) }
    }

    /// Books the next slot of either kind, whichever is sooner: behind a campaign the next one that a charge would get may
    /// be many minutes away.
    pub async fn book(
        &self,
        account: &AccountId,
        instance: &InstanceId,
        slots: SendSlots,
        now: Timestamp,
    ) -> Result<Timestamp, TableError> {
        let booked = until_applied(|| self.try_to_book(account, instance, slots, now)).await?;
        booked.ok_or(TableError::Conflict)
    }

    async fn try_to_book(
        &self,
        account: &AccountId,
        instance: &InstanceId,
        slots: SendSlots,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, TableError> {
        let seen = self.lock().get(instance).copied().unwrap_or_default();
        let (attribute, limit, arrival) = if seen.late.max(micros(now)) < seen.booked {
            (late_slot_attribute(instance), slots.late(), seen.late)
        } else {
            (slot_attribute(instance), slots.rebooked(), seen.booked)
        };
        let book = limit.advance(UpdateBuilder::new(), &attribute, arrival, now).when_present(CREDITS);
        let (item, is_applied) = match self.accounts.update(ItemKey::ledger(account), &book).await? {
            ConditionalWrite::Applied(item) => (item, true),
            ConditionalWrite::Refused(Some(item)) => (item, false),
            ConditionalWrite::Refused(None) => return Ok(Some(now)), // no ledger any more: nobody else uses these slots
        };
        let ledger = LedgerItem::from_item(&item);
        let booked = ledger.arrival(&slot_attribute(instance));
        let late = ledger.arrival(&late_slot_attribute(instance));
        self.lock().insert(instance.clone(), Arrivals { booked, late });
        let slot = Timestamp::from_millis((ledger.arrival(&attribute) - limit.interval) / 1000);
        Ok(is_applied.then_some(slot))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<InstanceId, Arrivals>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
