//! The item that holds an account's ledger: its credits, its keys' limits, its instances' slots, and what is reserved.
//!
//! One item, so that one update charges, limits, books a slot and reserves together, or does nothing. A transaction would
//! cancel others on an item this hot. It is kept small, since a write costs by the item's size: when more than a few
//! instances are at work, `slotItems` is set, and from then on each instance's `i#`, `l#`, `b#`, `c#` and `f#` are in an item of its own.
//!
//! | attribute | |
//! |---|---|
//! | `credits` | balance |
//! | `k#<key id>` | the key's arrival time |
//! | `i#<instance id>` | the instance's arrival time: its next free slot |
//! | `l#<instance id>` | the same for messages that missed their slots |
//! | `c#<instance id>` | when all messages of the instance's batches will have had their slots |
//! | `f#<instance id>` | the arrival time of the messages of batches: the next free slot of theirs |
//! | `b#<instance id>` | the instance is in the bulk lane: when a slot was last booked, in milliseconds |
//! | `open` | map of reservations by nonce: 6 bytes of time, 16 of message id; of a batch, two of its messages' number |
//! | `slotItems` | present: slots are booked in items of their own |
//! | `activity`, `chargedAt` | `activity` says what they are |
//!
//! Earlier versions wrote each reservation as an attribute `o#<nonce>`; those are read, and settled, as well.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::aws::Item;
use crate::clock::Timestamp;
use crate::ids::{InstanceId, KeyId};
use crate::ledger::rate_limit::{ArrivalTime, micros};
use crate::ledger::reservation::{OLD_RESERVATION, RESERVATIONS, Reservation, reservation_attribute};

/// The balance.
pub const CREDITS: &str = "credits";
/// Present when slots are booked in items of their own.
pub const SLOT_ITEMS: &str = "slotItems";

/// The mark of an active ledger: key of the index `byActivity`.
pub const ACTIVE: &str = "activity";
/// When it was last charged.
pub const CHARGED_AT: &str = "chargedAt";

/// Prefix of the marks of instances in the bulk lane.
const BULK: &str = "b#";

/// An account's ledger as it was last seen.
#[derive(Clone, Debug, Default)]
pub struct LedgerItem {
    /// Credits left; below 0 after a correction.
    pub credits: i64,
    /// Charges whose messages are not known to be queued.
    pub reservations: Vec<Reservation>,
    /// When slots of instances in the bulk lane were last booked, by attribute.
    pub bulk_marks: HashMap<String, Timestamp>,
    /// Whether slots are booked in items of their own.
    pub has_slot_items: bool,
    /// Whether it is in the index of active ledgers.
    pub is_active: bool,
    /// When it was last charged.
    pub charged_at: Option<Timestamp>,
    /// Whether it was written by an earlier version, without the map of reservations.
    pub lacks_reservations: bool,
    arrivals: HashMap<String, ArrivalTime>,
}

/// The attribute of a key's arrival time.
pub fn key_attribute(key: &KeyId) -> String {
    format!("k#{key}")
}

/// The attribute of an instance's arrival time.
pub fn slot_attribute(instance: &InstanceId) -> String {
    format!("i#{instance}")
}

/// The attribute of the arrival time of an instance's messages that missed their slots.
pub fn late_slot_attribute(instance: &InstanceId) -> String {
    format!("l#{instance}")
}

/// The attribute of the time until which an instance's batches have accepted messages.
pub fn backlog_attribute(instance: &InstanceId) -> String {
    format!("c#{instance}")
}

/// The attribute of the arrival time of an instance's messages of batches.
pub fn batch_slot_attribute(instance: &InstanceId) -> String {
    format!("f#{instance}")
}

/// The attribute that marks an instance as being in the bulk lane.
pub fn bulk_attribute(instance: &InstanceId) -> String {
    format!("{BULK}{instance}")
}

/// The instance that a mark of the bulk lane is about.
pub fn marked_instance(attribute: &str) -> Option<InstanceId> {
    attribute.strip_prefix(BULK)?.parse().ok()
}

impl LedgerItem {
    /// Reads an item. Attributes that are not a ledger's are ignored.
    pub fn from_item(item: &Item) -> Self {
        let mut ledger = Self { lacks_reservations: !item.contains_key(RESERVATIONS), ..Self::default() };
        for (name, value) in item {
            match (name.split_once('#'), value) {
                (None, AttributeValue::M(open)) if name == RESERVATIONS => {
                    let read = |(nonce, value): (&String, &AttributeValue)| {
                        Reservation::read(nonce, reservation_attribute(nonce), value.as_b().ok()?.as_ref())
                    };
                    ledger.reservations.extend(open.iter().filter_map(read));
                }
                (None, _) if name == SLOT_ITEMS => ledger.has_slot_items = true,
                (None, _) if name == ACTIVE => ledger.is_active = true,
                (None, AttributeValue::N(millis)) if name == CHARGED_AT => {
                    ledger.charged_at = millis.parse().ok().map(Timestamp::from_millis);
                }
                (None, AttributeValue::N(number)) if name == CREDITS => {
                    ledger.credits = number.parse().unwrap_or_default();
                }
                (Some(("k" | "i" | "l" | "c" | "f", _)), AttributeValue::N(number)) => {
                    ledger.arrivals.insert(name.clone(), number.parse().unwrap_or_default());
                }
                (Some(("b", _)), AttributeValue::N(millis)) => {
                    let booked = Timestamp::from_millis(millis.parse().unwrap_or_default());
                    ledger.bulk_marks.insert(name.clone(), booked);
                }
                (Some(("o", nonce)), AttributeValue::B(bytes)) => {
                    ledger.reservations.extend(Reservation::read(nonce, name.clone(), bytes.as_ref()));
                }
                _ => {}
            }
        }
        ledger
    }

    /// The arrival time in an attribute; 0 when there is none.
    pub fn arrival(&self, attribute: &str) -> ArrivalTime {
        self.arrivals.get(attribute).copied().unwrap_or(0)
    }

    /// Attributes whose arrival time is not after `until`, longest ago first: removing them changes nothing.
    pub fn idle(&self, until: ArrivalTime) -> Vec<&str> {
        let mut idle: Vec<_> = self.arrivals.iter().filter(|(_, arrival)| **arrival <= until).collect();
        idle.sort_unstable_by_key(|(_, arrival)| **arrival);
        idle.into_iter().map(|(attribute, _)| attribute.as_str()).collect()
    }

    /// The ledger at `now`, with its arrival times where they probably are if others make charges as well: between where
    /// they were seen, as if nobody used them, and as much later as time has passed, as if others used all of their rates.
    pub fn as_others_leave_it(&self, seen_at: Timestamp, now: Timestamp) -> Self {
        let mut ledger = self.clone();
        let passed = micros(now) - micros(seen_at);
        ledger.arrivals.values_mut().for_each(|arrival| *arrival += passed / 2);
        ledger
    }

    /// How many attributes of instances are not idle.
    pub fn instances_at_work(&self, idle_until: ArrivalTime) -> usize {
        let is_at_work = |(name, arrival): &(&String, &ArrivalTime)| !name.starts_with("k#") && **arrival > idle_until;
        self.arrivals.iter().filter(is_at_work).count() + self.bulk_marks.len()
    }

    /// How many of its reservations an earlier version has made, which books slots in the ledger alone.
    pub fn old_reservations(&self) -> usize {
        self.reservations.iter().filter(|reservation| reservation.attribute.starts_with(OLD_RESERVATION)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{self, MessageId};
    use crate::ledger::reservation::new_nonce;

    #[test]
    fn a_ledger_is_read_as_it_was_written() {
        let (key, instance) = (KeyId::generate(), InstanceId::generate());
        let (id, at) = (ids::random::<16>(), Timestamp::from_millis(1_770_120_000_123));
        let (nonce, old_nonce) = (new_nonce(), new_nonce());
        let number = |number: i64| AttributeValue::N(number.to_string());
        let item = HashMap::from([
            ("credits".to_owned(), number(-3)),
            (key_attribute(&key), number(1_770_120_000_000_001)),
            (slot_attribute(&instance), number(5)),
            (RESERVATIONS.to_owned(), AttributeValue::M([(nonce.clone(), Reservation::value(id, at))].into())),
            (format!("{OLD_RESERVATION}{old_nonce}"), Reservation::value(id, at)),
            ("kind".to_owned(), AttributeValue::S("meter".to_owned())),
        ]);
        let ledger = LedgerItem::from_item(&item);
        assert_eq!(ledger.credits, -3);
        assert_eq!(ledger.arrival(&key_attribute(&key)), 1_770_120_000_000_001);
        assert_eq!(ledger.arrival("k#nobody"), 0);
        assert_eq!(ledger.idle(6), [slot_attribute(&instance)]);
        let reservation = |nonce: &str, attribute| Reservation {
            nonce: nonce.to_owned(),
            attribute,
            message_id: MessageId::from_bytes(id),
            batch: None,
            at,
        };
        assert_eq!(ledger.reservations.len(), 2);
        assert!(ledger.reservations.contains(&reservation(&nonce, format!("open.{nonce}"))));
        assert!(ledger.reservations.contains(&reservation(&old_nonce, format!("o#{old_nonce}"))));
        assert_eq!(ledger.old_reservations(), 1);
        assert!(!ledger.lacks_reservations && !ledger.has_slot_items);
    }
}
