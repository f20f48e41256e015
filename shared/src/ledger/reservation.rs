//! Reservations: charges whose messages are not known to be queued. Each is refunded or released once.

use std::time::Duration;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::clock::Timestamp;
use crate::ids::{self, MessageId};

/// A request to send that began longer ago has ended: the timeout of `send` (template.yaml) and a margin for clocks that
/// differ.
pub const REQUEST_ENDED: Duration = Duration::from_secs(15);

/// The most requests of one account between their charge and its end: each makes the ledger larger and every charge
/// slower, so more of them would only wait for each other.
pub const MAX_RESERVATIONS: usize = 256;

/// The map of reservations in a ledger.
pub const RESERVATIONS: &str = "open";
/// Prefix of reservations that are attributes of the ledger itself, as earlier versions wrote them.
pub const OLD_RESERVATION: &str = "o#";

/// A charge that is refunded unless its message is recorded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reservation {
    /// The nonce of the request that made it; its message has the same.
    pub nonce: String,
    /// Where it is in the ledger.
    pub attribute: String,
    /// The message.
    pub message_id: MessageId,
    /// When it was made.
    pub at: Timestamp,
}

/// A nonce that no other request has: eleven letters and digits of 64 random bits.
pub fn new_nonce() -> String {
    bs58::encode(ids::random::<8>()).into_string()
}

/// Where a reservation is in its account's ledger: an entry of a map, whose size a condition can bound.
pub fn reservation_attribute(nonce: &str) -> String {
    format!("{RESERVATIONS}.{nonce}")
}

impl Reservation {
    /// The attribute's value: binary, since the ledger is billed by its size.
    pub fn value(message_id: [u8; 16], at: Timestamp) -> AttributeValue {
        let time = u64::try_from(at.millis()).unwrap_or_default().to_be_bytes();
        AttributeValue::B(Blob::new([&time[2..], &message_id].concat()))
    }

    /// Reads the value of an attribute.
    pub fn read(nonce: &str, attribute: String, bytes: &[u8]) -> Option<Self> {
        let (time, id) = bytes.split_at_checked(6)?;
        let time = time.iter().fold(0i64, |time, byte| time << 8 | i64::from(*byte));
        let message_id = MessageId::from_bytes(id.try_into().ok()?);
        Some(Self { nonce: nonce.to_owned(), attribute, message_id, at: Timestamp::from_millis(time) })
    }
}
