//! An account's meter: its credits, its keys' limits, its instances' slots, and what is reserved.
//!
//! One item, so that one update charges, limits, books and reserves together, or does nothing. A transaction would
//! cancel others on an item this hot. It is kept small, since a write costs by the item's size:
//!
//! | attribute | |
//! |---|---|
//! | `credits` | what is left |
//! | `k#<key id>` | the key's arrival time |
//! | `i#<instance id>` | the instance's arrival time: its next free slot |
//! | `l#<instance id>` | the same for messages that missed their slots |
//! | `b#<instance id>` | the instance is in the bulk lane: when it was last booked ahead, in milliseconds |
//! | `o#<nonce>` | a reservation: 6 bytes of time, 16 of message id |

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::change::Item;
use crate::clock::Timestamp;
use crate::ids::{self, InstanceId, KeyId, MessageId};
use crate::rate_limit::ArrivalTime;

/// The sort key of an account's meter, and the value of `kind` that lists all meters in an index.
pub const SORT_KEY: &str = "meter";

/// What the marks of the bulk lane begin with.
pub const BULK: &str = "b#";

/// A meter as it was last seen.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    /// Credits left; below 0 after a correction.
    pub credits: i64,
    /// Charges whose messages are not known to be queued.
    pub reservations: Vec<Reservation>,
    /// When instances in the bulk lane were last booked, by the attribute that says so.
    pub bulk: HashMap<String, Timestamp>,
    arrivals: HashMap<String, ArrivalTime>,
}

/// A charge that is given back unless its message is there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reservation {
    /// The request that made it; its message has the same.
    pub nonce: String,
    /// The message.
    pub message_id: MessageId,
    /// When it was made.
    pub at: Timestamp,
}

/// A nonce that no other request has: eleven letters and digits of 64 bits.
pub fn new_nonce() -> String {
    bs58::encode(ids::random::<8>()).into_string()
}

/// The attribute of a key's arrival time.
pub fn of_key(key: &KeyId) -> String {
    format!("k#{key}")
}

/// The attribute of an instance's arrival time.
pub fn of_instance(instance: &InstanceId) -> String {
    format!("i#{instance}")
}

/// The attribute of the arrival time of an instance's messages that missed their slots.
pub fn of_late(instance: &InstanceId) -> String {
    format!("l#{instance}")
}

/// The attribute that says that an instance is in the bulk lane.
pub fn of_bulk(instance: &InstanceId) -> String {
    format!("{BULK}{instance}")
}

/// The attribute of a reservation.
pub fn of_reservation(nonce: &str) -> String {
    format!("o#{nonce}")
}

impl Meter {
    /// Reads an item. What is not a meter's is passed over.
    pub fn of_item(item: &Item) -> Self {
        let mut meter = Self::default();
        for (name, value) in item {
            match (name.split_once('#'), value) {
                (None, AttributeValue::N(number)) if name == "credits" => {
                    meter.credits = number.parse().unwrap_or_default();
                }
                (Some(("k" | "i" | "l", _)), AttributeValue::N(number)) => {
                    meter.arrivals.insert(name.clone(), number.parse().unwrap_or_default());
                }
                (Some(("b", _)), AttributeValue::N(millis)) => {
                    let booked = Timestamp::from_millis(millis.parse().unwrap_or_default());
                    meter.bulk.insert(name.clone(), booked);
                }
                (Some(("o", nonce)), AttributeValue::B(bytes)) => {
                    meter.reservations.extend(Reservation::read(nonce, bytes.as_ref()));
                }
                _ => {}
            }
        }
        meter
    }

    /// The arrival time in an attribute; 0 when there is none.
    pub fn arrival(&self, attribute: &str) -> ArrivalTime {
        self.arrivals.get(attribute).copied().unwrap_or(0)
    }

    /// Attributes whose arrival time has passed: they say no more than if they were not there.
    pub fn idle(&self, now: ArrivalTime) -> impl Iterator<Item = &str> {
        self.arrivals.iter().filter(move |(_, arrival)| **arrival <= now).map(|(attribute, _)| attribute.as_str())
    }
}

impl Reservation {
    /// The attribute's value: binary, since the meter is billed by its size.
    pub fn value(message_id: [u8; 16], at: Timestamp) -> AttributeValue {
        let time = u64::try_from(at.millis()).unwrap_or_default().to_be_bytes();
        AttributeValue::B(Blob::new([&time[2..], &message_id].concat()))
    }

    fn read(nonce: &str, bytes: &[u8]) -> Option<Self> {
        let (time, id) = bytes.split_at_checked(6)?;
        let time = time.iter().fold(0i64, |time, byte| time << 8 | i64::from(*byte));
        let message_id = MessageId::from_bytes(id.try_into().ok()?);
        Some(Self { nonce: nonce.to_owned(), message_id, at: Timestamp::from_millis(time) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_is_read_as_it_was_written() {
        let (key, instance) = (KeyId::generate(), InstanceId::generate());
        let (id, at) = (ids::random::<16>(), Timestamp::from_millis(1_770_120_000_123));
        let nonce = new_nonce();
        let number = |number: i64| AttributeValue::N(number.to_string());
        let item = HashMap::from([
            ("credits".to_owned(), number(-3)),
            (of_key(&key), number(1_770_120_000_000_001)),
            (of_instance(&instance), number(5)),
            (of_reservation(&nonce), Reservation::value(id, at)),
            ("kind".to_owned(), AttributeValue::S("meter".to_owned())),
        ]);
        let meter = Meter::of_item(&item);
        assert_eq!(meter.credits, -3);
        assert_eq!(meter.arrival(&of_key(&key)), 1_770_120_000_000_001);
        assert_eq!(meter.arrival("k#nobody"), 0);
        assert_eq!(meter.idle(6).collect::<Vec<_>>(), [of_instance(&instance)]);
        let expected = Reservation { nonce: nonce.clone(), message_id: MessageId::from_bytes(id), at };
        assert_eq!(meter.reservations, [expected]);
        assert!(of_reservation(&nonce).len() + 22 <= 40);
    }
}
