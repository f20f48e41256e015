//! The booking of a send slot and the choice of the lane: part of an update of the item that holds an instance's arrival
//! time.

use crate::aws::UpdateBuilder;
use crate::clock::Timestamp;
use crate::ids::InstanceId;
use crate::ledger::lane::Lane;
use crate::ledger::ledger_item::{LedgerItem, bulk_attribute, slot_attribute};
use crate::ledger::rate_limit::{ArrivalTime, Decision, micros};
use crate::ledger::send_slots::{EXPRESS_WITHIN, SendSlots};

/// A slot that is being booked.
pub struct SlotBooking<'a> {
    /// The instance.
    pub instance: &'a InstanceId,
    /// The slots of its number.
    pub slots: SendSlots,
    /// The item that holds its arrival time, as it was last seen.
    pub seen: &'a LedgerItem,
    /// What the ledger still holds of an instance whose arrival time is in an item of its own by now.
    pub before: Option<&'a LedgerItem>,
    /// The time of the request.
    pub now: Timestamp,
}

impl SlotBooking<'_> {
    /// Books the slot.
    pub fn add_to(&self, update: UpdateBuilder) -> (UpdateBuilder, Lane) {
        let attribute = slot_attribute(self.instance);
        let seen = self.seen.arrival(&attribute);
        self.choose_lane(self.slots.booked().advance(update, &attribute, seen, self.floor(), self.now))
    }

    /// Chooses the lane: an instance that is booked ahead enters the bulk lane and stays there until `settle` brings it back.
    fn choose_lane(&self, update: UpdateBuilder) -> (UpdateBuilder, Lane) {
        let (mark, arrival) = (bulk_attribute(self.instance), slot_attribute(self.instance));
        let express_until = micros(self.now.plus(EXPRESS_WITHIN));
        if self.seen.bulk_marks.contains_key(&mark) {
            return (update.set(&mark, self.now).when_present(&mark), Lane::Bulk);
        }
        if self.before.is_some_and(|ledger| ledger.bulk_marks.contains_key(&mark)) || self.floor() > express_until {
            return (update.set(&mark, self.now), Lane::Bulk);
        }
        if self.seen.arrival(&arrival) > express_until {
            return (update.set(&mark, self.now).when_above(&arrival, express_until), Lane::Bulk);
        }
        let update = update.when_absent(&mark).when_absent_or_at_most(&arrival, express_until);
        (update, Lane::Express)
    }

    /// Whether a slot is free, as far as is known.
    pub fn decide(&self) -> Decision {
        let seen = self.seen.arrival(&slot_attribute(self.instance));
        self.slots.booked().decide(seen.max(self.floor()), self.now)
    }

    /// When the message may leave: before its own booking the arrival time was one interval less.
    pub fn slot(&self, item: &LedgerItem, is_applied: bool) -> Timestamp {
        let arrival = item.arrival(&slot_attribute(self.instance));
        let before = if is_applied { arrival - self.slots.booked().interval } else { arrival };
        Timestamp::from_millis((before / 1000).max(self.now.millis()))
    }

    fn floor(&self) -> ArrivalTime {
        let before = self.before.map_or(0, |ledger| ledger.arrival(&slot_attribute(self.instance)));
        before.max(micros(self.now))
    }
}
