//! Items that hold the slots of one instance each. An account has them once its ledger would become large otherwise
//! (docs/adr/0025).

use std::time::Duration;

use crate::aws::conditional_write::until_applied;
use crate::aws::{AccountsTable, ConditionalWrite, FORGET_AT, ItemKey, TableError, UpdateBuilder};
use crate::bounded_map::BoundedMap;
use crate::clock::Timestamp;
use crate::http::ApiError;
use crate::ids::{AccountId, InstanceId};
use crate::ledger::bulk_lane::Lane;
use crate::ledger::ledger_item::LedgerItem;
use crate::ledger::rate_limit::Decision;
use crate::ledger::slot_booking::SlotBooking;
use crate::ledger::slot_shares::{SendSlots, slots_exhausted};

/// How long an item is kept after its last booking: longer than any message waits in the bulk lane.
const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Books slots in items of their own.
pub struct SlotItems {
    accounts: AccountsTable,
    known: BoundedMap<InstanceId, LedgerItem>,
}

impl SlotItems {
    /// Books slots in this table.
    pub fn new(accounts: AccountsTable) -> Self {
        Self { accounts, known: BoundedMap::default() }
    }

    /// Books the next slot of an instance, or the room for a batch of so many messages. `ledger` is from the charge: what it
    /// still holds of the instance counts too.
    pub async fn book(
        &self,
        account: &AccountId,
        (instance, batch_size): (&InstanceId, Option<u16>),
        slots: SendSlots,
        ledger: &LedgerItem,
        now: Timestamp,
    ) -> Result<(Timestamp, Lane), ApiError> {
        let booked = until_applied(|| async {
            let seen = self.known.remove(instance).unwrap_or_default();
            let booking = SlotBooking { instance, slots, seen: &seen, before: Some(ledger), batch_size, now };
            self.try_to_book(account, &booking).await
        });
        booked.await?.ok_or_else(|| ApiError::unavailable(TableError::Conflict, 1))
    }

    /// Without an answer nothing is known any more, and the next booking begins anew.
    async fn try_to_book(
        &self,
        account: &AccountId,
        booking: &SlotBooking<'_>,
    ) -> Result<Option<(Timestamp, Lane)>, ApiError> {
        if let Decision::Wait(wait) = booking.decide() {
            return Err(slots_exhausted(wait));
        }
        let (update, lane) = booking.add_to(kept(booking.now));
        let written = self.accounts.update(ItemKey::slots(account, booking.instance), &update).await;
        let (item, is_applied) = match written.map_err(|error| ApiError::unavailable(error, 1))? {
            ConditionalWrite::Applied(item) => (LedgerItem::from_item(&item), true),
            ConditionalWrite::Refused(item) => (item.as_ref().map(LedgerItem::from_item).unwrap_or_default(), false),
        };
        let slot = booking.slot(&item, is_applied);
        self.known.insert(booking.instance.clone(), item);
        Ok(is_applied.then_some((slot, lane)))
    }
}

/// An update of an item that is kept from now.
pub fn kept(now: Timestamp) -> UpdateBuilder {
    UpdateBuilder::new().set(FORGET_AT, now.plus(KEPT).secs())
}
