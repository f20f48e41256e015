//! The booking of a send slot and the choice of the lane, or of the room for a batch: part of an update of the item that holds
//! an instance's arrival times.

use crate::aws::UpdateBuilder;
use crate::clock::Timestamp;
use crate::ids::InstanceId;
use crate::ledger::bulk_lane::Lane;
use crate::ledger::ledger_item::{LedgerItem, backlog_attribute, batch_slot_attribute, bulk_attribute, slot_attribute};
use crate::ledger::rate_limit::{ArrivalTime, Decision, RateLimit, micros};
use crate::ledger::slot_shares::{EXPRESS_WITHIN, SendSlots};

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
    /// How many messages, if it is for a batch: these get their slots when they leave, and only their room is booked.
    pub batch_size: Option<u16>,
    /// The time of the request.
    pub now: Timestamp,
}

impl SlotBooking<'_> {
    /// Books the slot, or the room.
    pub fn add_to(&self, update: UpdateBuilder) -> (UpdateBuilder, Lane) {
        let attribute = self.attribute();
        let seen = (attribute.as_str(), self.seen.arrival(&attribute));
        let update = self.limit().advance_by(self.messages(), update, seen, self.floor(), self.now);
        if self.batch_size.is_some() {
            return (update, Lane::Bulk);
        }
        let batches = batch_slot_attribute(self.instance);
        let update = if self.seen.arrival(&batches) > micros(self.now) {
            update.when_above(&batches, micros(self.now))
        } else {
            update.when_absent_or_at_most(&batches, micros(self.now))
        };
        self.choose_lane(update)
    }

    /// The slots that are booked: fewer while batches leave.
    fn limit(&self) -> RateLimit {
        let batches = batch_slot_attribute(self.instance);
        let is_beside = |item: &LedgerItem| item.arrival(&batches) > micros(self.now);
        match self.batch_size {
            Some(_) => self.slots.batch(),
            None if is_beside(self.seen) || self.before.is_some_and(is_beside) => self.slots.beside_batches(),
            None => self.slots.booked(),
        }
    }

    fn attribute(&self) -> String {
        if self.batch_size.is_some() { backlog_attribute(self.instance) } else { slot_attribute(self.instance) }
    }

    fn messages(&self) -> i64 {
        self.batch_size.map_or(1, i64::from)
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
        let seen = self.seen.arrival(&self.attribute());
        self.limit().decide_on(self.messages(), seen.max(self.floor()), self.now)
    }

    /// When the message, or the first of the batch, may leave: before its own booking the arrival time was less by that.
    pub fn slot(&self, item: &LedgerItem, is_applied: bool) -> Timestamp {
        let arrival = item.arrival(&self.attribute());
        let before = if is_applied { arrival - self.messages() * self.limit().interval } else { arrival };
        Timestamp::from_millis((before / 1000).max(self.now.millis()))
    }

    fn floor(&self) -> ArrivalTime {
        self.before.map_or(0, |ledger| ledger.arrival(&self.attribute()))
    }
}
