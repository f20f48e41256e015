//! Reservations: charges whose messages are not known to be queued. Each is refunded or released once.

use std::time::Duration;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::clock::Timestamp;
use crate::ids::{self, BatchId, MessageId};

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
    /// The message. That of a batch has the bits of the batch's id, and does not exist.
    pub message_id: MessageId,
    /// The batch and how many of its messages were charged, if it is a batch's.
    pub batch: Option<(BatchId, u16)>,
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
        Self::encoded(&message_id, &[], at)
    }

    /// The same for so many messages of a batch. Versions that know no batches leave such a reservation alone.
    pub fn batch_value(batch_id: [u8; 16], messages: u16, at: Timestamp) -> AttributeValue {
        Self::encoded(&batch_id, &messages.to_be_bytes(), at)
    }

    fn encoded(id: &[u8], count: &[u8], at: Timestamp) -> AttributeValue {
        let time = u64::try_from(at.millis()).unwrap_or_default().to_be_bytes();
        AttributeValue::B(Blob::new([&time[2..], id, count].concat()))
    }

    /// Reads the value of an attribute.
    pub fn read(nonce: &str, attribute: String, bytes: &[u8]) -> Option<Self> {
        let (time, rest) = bytes.split_at_checked(6)?;
        let (id, count) = rest.split_first_chunk::<16>()?;
        let batch = match count {
            [] => None,
            count => Some((BatchId::from_bytes(*id), u16::from_be_bytes(count.try_into().ok()?))),
        };
        let time = time.iter().fold(0i64, |time, byte| time << 8 | i64::from(*byte));
        let at = Timestamp::from_millis(time);
        Some(Self { nonce: nonce.to_owned(), attribute, message_id: MessageId::from_bytes(*id), batch, at })
    }
}
