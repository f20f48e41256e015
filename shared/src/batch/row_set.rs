//! The rows of a batch that have messages: a bit each.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_with::{DeserializeFromStr, SerializeDisplay};

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

/// Rows of a batch. As text, the bits in base64: 168 characters for a thousand rows.
#[derive(Clone, Debug, DeserializeFromStr, Eq, PartialEq, SerializeDisplay)]
pub struct RowSet(Vec<u8>);

impl RowSet {
    /// All of the first `count` rows but `without`.
    pub fn all_but(without: &HashSet<u16>, count: u16) -> Self {
        let mut bits = vec![0; usize::from(count).div_ceil(8)];
        for row in (0..count).filter(|row| !without.contains(row)) {
            bits[usize::from(row / 8)] |= 1 << (row % 8);
        }
        Self(bits)
    }

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
    fn a_set_has_all_rows_but_those_that_were_rejected_also_as_text() {
        let rejected = HashSet::from([0, 8, 998]);
        let set = RowSet::all_but(&rejected, 1000);
        let rows: Vec<u16> = set.rows().collect();
        assert_eq!(rows, (0..1000).filter(|row| !rejected.contains(row)).collect::<Vec<_>>());
        assert_eq!(set.to_string().len(), 168);
        assert_eq!(set.to_string().parse::<RowSet>().expect("base64"), set);
        assert_eq!(RowSet::all_but(&HashSet::new(), 9).rows().count(), 9);
    }
}
