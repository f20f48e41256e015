//! The slots of messages that wait in the table: of batches, and of what has a `sendAt`. They are booked when the messages are
//! enqueued, many in one write, and not when they are charged. So each batch of an instance gets its turn, and what is
//! cancelled leaves no gap (docs/adr/0064).

use crate::aws::conditional_write::until_applied;
use crate::aws::{AccountsTable, ConditionalWrite, ItemKey, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId};
use crate::ledger::credits::Ledger;
use crate::ledger::ledger_item::{CREDITS, SLOT_ITEMS, backlog_attribute};
use crate::ledger::rate_limit::micros;
use crate::ledger::seen_slots::SeenSlots;
use crate::ledger::slot_items::kept;
use crate::ledger::slot_shares::SendSlots;
use crate::ledger::wanted_slots::{BookedSlots, WaitingMessages, WantedSlots};

/// Books slots for messages that wait in the table.
pub struct WaitingSlots {
    ledger: Ledger,
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

    /// Releases the room of a batch's messages that will not be sent. What the ledger says of it is an estimate, so that it
    /// does no harm to release some of it twice.
    pub async fn release_room(
        &self,
        account: &AccountId,
        instance: &InstanceId,
        (slots, messages): (SendSlots, usize),
        now: Timestamp,
    ) -> Result<(), TableError> {
        let Some(seen) = self.read(account, instance).await? else { return Ok(()) };
        let attribute = backlog_attribute(instance);
        let by = i64::try_from(messages).unwrap_or(i64::MAX).saturating_mul(slots.batch().interval);
        let released = UpdateBuilder::new().add(&attribute, -by).when_above(&attribute, micros(now));
        self.ledger.accounts.update(seen.key, &released).await.map(drop)
    }

    async fn read(&self, account: &AccountId, instance: &InstanceId) -> Result<Option<SeenSlots>, TableError> {
        let Some(ledger) = self.ledger.read(account).await? else { return Ok(None) };
        if !ledger.has_slot_items {
            return Ok(Some(SeenSlots { key: ItemKey::ledger(account), item: ledger.clone(), ledger }));
        }
        let key = ItemKey::slots(account, instance);
        let item = self.ledger.read_item(key.clone()).await?.unwrap_or_default();
        Ok(Some(SeenSlots { key, item, ledger }))
    }

    async fn try_to_book(
        &self,
        account: &AccountId,
        instance: &InstanceId,
        wanted: WantedSlots,
        now: Timestamp,
    ) -> Result<Option<Option<BookedSlots>>, TableError> {
        let Some(seen) = self.read(account, instance).await? else { return Ok(Some(None)) };
        let room = match wanted.waiting {
            WaitingMessages::OfBatches { until, least } => seen.room_for_batches(instance, wanted, (until, least), now),
            WaitingMessages::Scheduled { have_starved } => seen.room_for_scheduled(instance, wanted, have_starved, now),
        };
        let booked = room.booked();
        if !seen.is_changed_by(&room) {
            return Ok(Some(Some(booked)));
        }
        let update = if seen.key == ItemKey::ledger(account) {
            UpdateBuilder::new().when_present(CREDITS).when_absent(SLOT_ITEMS)
        } else {
            kept(now)
        };
        let update = seen.add_booking(update, instance, &room, now);
        Ok(match self.ledger.accounts.update(seen.key, &update).await? {
            ConditionalWrite::Applied(_) => Some(Some(booked)),
            ConditionalWrite::Refused(_) => None,
        })
    }
}
