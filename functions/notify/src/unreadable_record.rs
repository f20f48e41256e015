//! What is kept of a stream record that cannot be read.

use serde::Serialize;
use serde_json::Value;

/// What identifies the record, and why it cannot be read.
#[derive(Serialize)]
pub struct UnreadableRecord {
    /// The item's key.
    pub keys: Value,
    /// The record's number in its shard.
    pub sequence_number: Value,
    /// The error.
    pub error: String,
}
