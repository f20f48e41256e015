//! A message's place in a batch. Its id is derived from it, so whoever knows the batch knows the ids of all its messages: no index
//! lists them.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;
use serde_with::{DeserializeFromStr, SerializeDisplay};

use crate::ids::{BatchId, MessageId};

/// Begins what is hashed, so that no id is derived for two purposes.
const PURPOSE: &str = "message of a batch";

/// The recipient of a batch at a position, from 0.
#[derive(Clone, Debug, DeserializeFromStr, Eq, PartialEq, SerializeDisplay)]
pub struct BatchRow {
    /// The batch.
    pub batch: BatchId,
    /// The position of the recipient in the request.
    pub row: u16,
}

impl BatchRow {
    /// The id of its message.
    pub fn message_id(&self) -> MessageId {
        let hash = digest::digest(&digest::SHA256, format!("{PURPOSE}\n{self}").as_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(&hash.as_ref()[..16]);
        MessageId::from_bytes(id)
    }
}

/// The ids of the messages of a batch in these rows.
pub fn row_ids(batch: &BatchId, rows: impl IntoIterator<Item = u16>) -> Vec<MessageId> {
    rows.into_iter().map(|row| BatchRow { batch: batch.clone(), row }.message_id()).collect()
}

/// The nonce of a row's record, by that of its batch's charge: two messages in a queue must not have the same.
pub fn row_nonce(charge: &str, row: u16) -> String {
    format!("{charge}.{row}")
}

/// The nonce of the charge of a record, if it is one of a batch.
pub fn charge_nonce(nonce: &str) -> Option<&str> {
    nonce.split_once('.').map(|(charge, _)| charge)
}

impl fmt::Display for BatchRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.batch, self.row)
    }
}

/// A text that is no row of a batch.
#[derive(Debug, thiserror::Error)]
#[error("is no row of a batch")]
pub struct InvalidRow;

impl FromStr for BatchRow {
    type Err = InvalidRow;

    fn from_str(text: &str) -> Result<Self, InvalidRow> {
        let (batch, row) = text.split_once('#').ok_or(InvalidRow)?;
        Ok(Self { batch: batch.parse().map_err(|_| InvalidRow)?, row: row.parse().map_err(|_| InvalidRow)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_as_it_was_written_and_has_an_id_of_its_own() {
        let batch = BatchId::generate();
        let row = BatchRow { batch: batch.clone(), row: 7 };
        assert_eq!(row.to_string().parse::<BatchRow>().expect("a row"), row);
        assert_eq!(row_ids(&batch, [7, 8])[0], row.message_id());
        assert_ne!(row_ids(&batch, [7, 8])[0], row_ids(&batch, [7, 8])[1]);
        assert_ne!(row_ids(&BatchId::generate(), [7])[0], row.message_id());
        assert_eq!(charge_nonce(&row_nonce("abc", 7)), Some("abc"));
        assert_eq!(charge_nonce("abc"), None);
    }
}
