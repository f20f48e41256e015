//! The item that holds an account's ledger: its credits, its keys' limits, its instances' slots, and what is reserved.
//!
//! One item, so that one update charges, limits, books a slot and reserves together, or does nothing. A transaction would
//! cancel others on an item this hot. It is kept small, since a write costs by the item's size:
//!
//! | attribute | |
//! |---|---|
//! | `credits` | balance |
//! | `k#<key id>` | the key's arrival time |
//! | `i#<instance id>` | the instance's arrival time: its next free slot |
//! | `l#<instance id>` | the same for messages that missed their slots |
//! | `b#<instance id>` | the instance is in the bulk lane: when a slot was last booked, in milliseconds |
//! | `o#<nonce>` | a reservation: 6 bytes of time, 16 of message id |

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::aws::Item;
use crate::clock::Timestamp;
use crate::ids::{InstanceId, KeyId};
use crate::ledger::rate_limit::ArrivalTime;
use crate::ledger::reservation::Reservation;

/// The balance.
pub const CREDITS: &str = "credits";

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
        let mut ledger = Self::default();
        for (name, value) in item {
            match (name.split_once('#'), value) {
                (None, AttributeValue::N(number)) if name == CREDITS => {
                    ledger.credits = number.parse().unwrap_or_default();
                }
                (Some(("k" | "i" | "l", _)), AttributeValue::N(number)) => {
                    ledger.arrivals.insert(name.clone(), number.parse().unwrap_or_default());
                }
                (Some(("b", _)), AttributeValue::N(millis)) => {
                    let booked = Timestamp::from_millis(millis.parse().unwrap_or_default());
                    ledger.bulk_marks.insert(name.clone(), booked);
                }
                (Some(("o", nonce)), AttributeValue::B(bytes)) => {
                    ledger.reservations.extend(Reservation::read(nonce, bytes.as_ref()));
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

    /// Attributes whose arrival time is past: removing them changes nothing.
    pub fn idle(&self, now: ArrivalTime) -> impl Iterator<Item = &str> {
        self.arrivals.iter().filter(move |(_, arrival)| **arrival <= now).map(|(attribute, _)| attribute.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{self, MessageId};
    use crate::ledger::reservation::{new_nonce, reservation_attribute};

    #[test]
    fn a_ledger_is_read_as_it_was_written() {
        let (key, instance) = (KeyId::generate(), InstanceId::generate());
        let (id, at) = (ids::random::<16>(), Timestamp::from_millis(1_770_120_000_123));
        let nonce = new_nonce();
        let number = |number: i64| AttributeValue::N(number.to_string());
        let item = HashMap::from([
            ("credits".to_owned(), number(-3)),
            (key_attribute(&key), number(1_770_120_000_000_001)),
            (slot_attribute(&instance), number(5)),
            (reservation_attribute(&nonce), Reservation::value(id, at)),
            ("kind".to_owned(), AttributeValue::S("meter".to_owned())),
        ]);
        let ledger = LedgerItem::from_item(&item);
        assert_eq!(ledger.credits, -3);
        assert_eq!(ledger.arrival(&key_attribute(&key)), 1_770_120_000_000_001);
        assert_eq!(ledger.arrival("k#nobody"), 0);
        assert_eq!(ledger.idle(6).collect::<Vec<_>>(), [slot_attribute(&instance)]);
        let expected = Reservation { nonce: nonce.clone(), message_id: MessageId::from_bytes(id), at };
        assert_eq!(ledger.reservations, [expected]);
        assert!(reservation_attribute(&nonce).len() + 22 <= 40, "the ledger is billed by its size");
    }
}
