//! The slots of an instance as they were seen, and where they have room for messages that wait in the table.

use std::time::Duration;

use crate::aws::{ItemKey, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::InstanceId;
use crate::ledger::bulk_lane::Lane;
use crate::ledger::ledger_item::{LedgerItem, batch_slot_attribute, bulk_attribute, slot_attribute};
use crate::ledger::rate_limit::{ArrivalTime, RateLimit, micros};
use crate::ledger::slot_shares::EXPRESS_WITHIN;
use crate::ledger::wanted_slots::{BookedSlots, WantedSlots};

/// Microseconds that the slots of batches begin behind those of charges: what is charged while this is being written comes before them as
/// well. At hundreds of charges a second each attempt would otherwise be refused.
const BEGIN_BEHIND: i64 = 250_000;

/// The slots of an instance as they were seen.
pub struct SeenSlots {
    /// The item that holds them.
    pub key: ItemKey,
    /// That item.
    pub item: LedgerItem,
    /// What the ledger still holds of an instance whose slots are in an item of their own.
    pub ledger: LedgerItem,
}

/// Room for consecutive slots.
pub struct Room {
    /// The arrival time that they advance.
    attribute: String,
    /// Where it is before them.
    next: ArrivalTime,
    first: ArrivalTime,
    interval: i64,
    count: usize,
    lane: Lane,
    /// What a booking of slots of batches says of others.
    batches: Option<Batches>,
}

/// Whether batches have slots ahead.
enum Batches {
    AreLeaving,
    /// Their first slot is behind those that charges have booked.
    Begin,
}

impl Room {
    /// What is booked in it.
    pub fn booked(&self) -> BookedSlots {
        BookedSlots { first: self.first, interval: self.interval, count: self.count, lane: self.lane }
    }

    /// The arrival time with it.
    fn after(&self) -> ArrivalTime {
        if self.count == 0 { self.next } else { self.booked().end() }
    }
}

impl SeenSlots {
    /// The room for messages of batches until a time; none where it is less of the number's time than `least`, unless that is
    /// enough for all.
    pub fn room_for_batches(
        &self,
        instance: &InstanceId,
        wanted: WantedSlots,
        (until, least): (Timestamp, Duration),
        now: Timestamp,
    ) -> Room {
        let attribute = batch_slot_attribute(instance);
        let batches = if self.are_batches_leaving(instance, now) { Batches::AreLeaving } else { Batches::Begin };
        let next = match batches {
            Batches::AreLeaving => self.arrival(&attribute),
            // What charges booked at the whole rate comes before the first slot of batches.
            Batches::Begin => self.arrival(&slot_attribute(instance)).max(micros(now)) + BEGIN_BEHIND,
        };
        let (first, interval) = (next.max(micros(wanted.not_before)), wanted.slots.batch().interval);
        let room = slots_between(first, micros(until), interval);
        let is_enough = BookedSlots::new(first, interval, room).span() >= least || room >= wanted.most;
        let count = if is_enough { room.min(wanted.most) } else { 0 };
        Room { attribute, next, first, interval, count, lane: Lane::Bulk, batches: Some(batches) }
    }

    /// The room for single messages: a part of what charges may book, which are refused beyond it. Those that do not all leave within
    /// [`EXPRESS_WITHIN`] go through the bulk lane, as what is charged then does: later ones wait behind them there. Those that have
    /// starved have room wherever a charge has.
    pub fn room_for_scheduled(
        &self,
        instance: &InstanceId,
        wanted: WantedSlots,
        have_starved: bool,
        now: Timestamp,
    ) -> Room {
        let attribute = slot_attribute(instance);
        let slots = wanted.slots;
        let are_batches_leaving = self.are_batches_leaving(instance, now);
        let RateLimit { interval, burst, .. } =
            if are_batches_leaving { slots.beside_batches() } else { slots.booked() };
        let next = self.arrival(&attribute).max(micros(now));
        let first = next.max(micros(wanted.not_before));
        let all_leave_at_once = slots_between(first, micros(now.plus(EXPRESS_WITHIN)), interval) >= wanted.most;
        let lane = if all_leave_at_once { self.lane(instance) } else { Lane::Bulk };
        let until = micros(now) + burst * 3 / 4 * interval;
        // Charges that take every slot beyond that part would keep them waiting for ever.
        let is_starved = have_starved && lane == Lane::Bulk && first < micros(now) + burst * interval;
        let room = if is_starved { wanted.most } else { slots_between(first, until, interval) };
        Room { attribute, next, first, interval, count: room.min(wanted.most), lane, batches: None }
    }

    /// Whether the booking of a room writes anything. Without room for batches it books nothing; but from then on charges leave
    /// room for them.
    pub fn is_changed_by(&self, room: &Room) -> bool {
        room.after() != self.arrival(&room.attribute) && (room.count > 0 || room.batches.is_some())
    }

    /// The booking of a room, on the condition that the slots are still as they were seen.
    pub fn add_booking(
        &self,
        update: UpdateBuilder,
        instance: &InstanceId,
        room: &Room,
        now: Timestamp,
    ) -> UpdateBuilder {
        let update = match self.item.arrival(&room.attribute) {
            0 => update.when_absent(&room.attribute),
            arrival => update.when_equal(&room.attribute, arrival),
        };
        let update = match room.batches {
            Some(Batches::AreLeaving) => update,
            Some(Batches::Begin) => update.when_absent_or_at_most(&slot_attribute(instance), room.next),
            None => self.stay_beside_batches(self.keep_lane(update, (instance, room.lane), now), instance, now),
        };
        update.set(&room.attribute, room.after())
    }

    /// Keeps what single messages are booked with: less of the rate while batches leave (as `SlotBooking` does).
    fn stay_beside_batches(&self, update: UpdateBuilder, instance: &InstanceId, now: Timestamp) -> UpdateBuilder {
        let (batches, now) = (batch_slot_attribute(instance), micros(now));
        if self.item.arrival(&batches) > now {
            update.when_above(&batches, now)
        } else {
            update.when_absent_or_at_most(&batches, now)
        }
    }

    fn are_batches_leaving(&self, instance: &InstanceId, now: Timestamp) -> bool {
        self.arrival(&batch_slot_attribute(instance)) > micros(now)
    }

    fn arrival(&self, attribute: &str) -> ArrivalTime {
        self.item.arrival(attribute).max(self.ledger.arrival(attribute))
    }

    /// The lane of an instance's single messages.
    fn lane(&self, instance: &InstanceId) -> Lane {
        let mark = bulk_attribute(instance);
        let is_marked = [&self.item, &self.ledger].iter().any(|item| item.bulk_marks.contains_key(&mark));
        if is_marked { Lane::Bulk } else { Lane::Express }
    }

    /// Keeps an instance in the lane of a booking: what is booked in the bulk lane sets or renews the mark, as a charge does.
    fn keep_lane(&self, update: UpdateBuilder, (instance, lane): (&InstanceId, Lane), now: Timestamp) -> UpdateBuilder {
        let mark = bulk_attribute(instance);
        match lane {
            Lane::Express => update.when_absent(&mark),
            Lane::Bulk if self.item.bulk_marks.contains_key(&mark) => update.set(&mark, now).when_present(&mark),
            Lane::Bulk => update.set(&mark, now),
        }
    }
}

/// How many slots there are from one arrival time to another.
fn slots_between(first: ArrivalTime, until: ArrivalTime, interval: i64) -> usize {
    usize::try_from((until - first) / interval).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::test_database::tables;
    use crate::ids::AccountId;
    use crate::ledger::slot_shares::SendSlots;
    use crate::ledger::wanted_slots::WaitingMessages;

    #[tokio::test]
    async fn scheduled_messages_are_not_booked_at_the_whole_rate_when_batches_have_begun_meanwhile() {
        let (accounts, _) = tables(|_| None).await;
        let (key, instance) = (ItemKey::ledger(&AccountId::generate()), InstanceId::generate());
        let now = Timestamp::from_secs(1_800_000_000);
        let seen = SeenSlots { key: key.clone(), item: LedgerItem::default(), ledger: LedgerItem::default() };
        let waiting = WaitingMessages::Scheduled { have_starved: false };
        let wanted = WantedSlots { slots: SendSlots { rate: 80 }, most: 100, not_before: now, waiting };
        let room = seen.room_for_scheduled(&instance, wanted, false, now);
        let booking = seen.add_booking(UpdateBuilder::new(), &instance, &room, now);
        let begun =
            UpdateBuilder::new().set(&batch_slot_attribute(&instance), micros(now.plus(Duration::from_secs(3))));
        assert!(accounts.update(key.clone(), &begun).await.expect("an answer").is_applied());
        assert!(!accounts.update(key.clone(), &booking).await.expect("an answer").is_applied());
        let over = UpdateBuilder::new().set(&batch_slot_attribute(&instance), micros(now));
        assert!(accounts.update(key.clone(), &over).await.expect("an answer").is_applied());
        assert!(accounts.update(key, &booking).await.expect("an answer").is_applied());
    }

    #[tokio::test]
    async fn batches_begin_behind_what_is_charged_while_their_first_slots_are_being_booked() {
        let (accounts, _) = tables(|_| None).await;
        let (account, instance) = (AccountId::generate(), InstanceId::generate());
        let now = Timestamp::from_secs(1_800_000_000);
        let slots = SendSlots { rate: 1000 };
        let charged = |until: Timestamp| UpdateBuilder::new().set(&slot_attribute(&instance), micros(until));
        for (behind, is_begun) in [(200, true), (300, false)] {
            let key = ItemKey::slots(&account, &InstanceId::generate());
            let seen = SeenSlots { key: key.clone(), item: LedgerItem::default(), ledger: LedgerItem::default() };
            let until = now.plus(Duration::from_secs(8));
            let waiting = WaitingMessages::OfBatches { until, least: Duration::ZERO };
            let wanted = WantedSlots { slots, most: 100, not_before: now, waiting };
            let room = seen.room_for_batches(&instance, wanted, (until, Duration::ZERO), now);
            let booking = seen.add_booking(UpdateBuilder::new(), &instance, &room, now);
            let last_charge = now.plus(Duration::from_millis(behind));
            assert!(accounts.update(key.clone(), &charged(last_charge)).await.expect("an answer").is_applied());
            let begun = accounts.update(key, &booking).await.expect("an answer").is_applied();
            assert_eq!(begun, is_begun, "{behind} ms");
            assert!(!is_begun || room.first >= micros(last_charge), "two slots at once");
        }
    }
}
