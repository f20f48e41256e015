//! The usage of one run of messages.

use crate::cost::counters::{Counters, Stored};
use crate::cost::kind::Kind;

/// Messages at a rate, and the usage of one of them.
pub struct Run {
    /// The kind of its messages.
    pub kind: Kind,
    /// Messages a second.
    pub rate: u64,
    /// How many were measured.
    pub messages: usize,
    /// What one used.
    pub used: Counters,
    /// What one left in the tables.
    pub stored: Stored,
}
