//! The rows of a batch that have messages: a bit each.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_with::{DeserializeFromStr, SerializeDisplay};

/// Rows of a batch. As text, the bits in base64: 168 characters for a thousand rows.
#[derive(Clone, Debug, DeserializeFromStr, Eq, PartialEq, SerializeDisplay)]
pub struct RowSet(Vec<u8>);

impl FromIterator<u16> for RowSet {
    fn from_iter<I: IntoIterator<Item = u16>>(rows: I) -> Self {
        let mut bits = Vec::new();
        for row in rows {
            let byte = usize::from(row / 8);
            bits.resize(bits.len().max(byte + 1), 0);
            bits[byte] |= 1 << (row % 8);
        }
        Self(bits)
    }
}

impl RowSet {
    /// The rows in their order.
    pub fn rows(&self) -> impl Iterator<Item = u16> {
        let bits = (0u16..).zip(&self.0);
        bits.flat_map(|(place, byte)| (0..8).filter(move |bit| byte & (1 << bit) != 0).map(move |bit| 8 * place + bit))
    }
}

impl fmt::Display for RowSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(&self.0))
    }
}

impl FromStr for RowSet {
    type Err = base64::DecodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        STANDARD.decode(text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_its_rows_also_as_text() {
        let accepted = || (0..1000).filter(|row| ![0, 8, 998].contains(row));
        let set: RowSet = accepted().collect();
        assert_eq!(set.rows().collect::<Vec<_>>(), accepted().collect::<Vec<_>>());
        assert_eq!(set.to_string().len(), 168);
        assert_eq!(set.to_string().parse::<RowSet>().expect("base64"), set);
        assert_eq!(RowSet::from_iter([]).rows().count(), 0);
    }
}
