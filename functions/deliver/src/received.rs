//! A message as it was received from its queue.

use std::time::Duration;

use shared::clock::Timestamp;
use shared::ledger::{Lane, SLOT_VALID_FOR, WAITED_SLOT_VALID_FOR};
use shared::message::QueuedMessage;

/// A message in its queue.
pub struct Received<'a> {
    /// Its body.
    pub queued: &'a QueuedMessage,
    /// Its message group.
    pub conversation: &'a str,
    /// Its queue.
    pub lane: Lane,
    /// When it was enqueued.
    pub enqueued_at: Timestamp,
    /// How often it was received, this time included.
    pub receives: u64,
}

impl Received<'_> {
    /// How late it may leave in its slot. What comes from the bulk lane, or comes again, has waited with others of its number.
    pub fn slot_valid_for(&self) -> Duration {
        let has_waited = self.lane == Lane::Bulk || self.receives > 1;
        if has_waited { WAITED_SLOT_VALID_FOR } else { SLOT_VALID_FOR }
    }
}
