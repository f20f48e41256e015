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
    /// Whether it follows another one of its message group that was received with it, and that ended after its slot.
    pub is_behind: bool,
    /// When it may leave: the slot that the queue knows, or a new one.
    pub slot: Timestamp,
}

impl Received<'_> {
    /// How late it may leave in its slot. What comes again, or was enqueued before its slot, has waited with others of its number.
    /// What follows another one leaves after that one's call, and so not together with others.
    pub fn slot_valid_for(&self) -> Duration {
        let is_early = self.slot > self.enqueued_at.plus(WAITED_SLOT_VALID_FOR);
        let has_waited = (is_early || self.receives > 1) && !self.is_behind;
        if has_waited { WAITED_SLOT_VALID_FOR } else { SLOT_VALID_FOR }
    }
}

#[cfg(test)]
mod tests {
    use shared::ids::{AccountId, InstanceId, MessageId};

    use super::*;

    #[test]
    fn what_waited_with_others_is_late_sooner_than_what_could_not_come_earlier() {
        let enqueued_at = Timestamp::from_secs(1_800_000_000);
        let valid_for = |ahead, receives, is_behind| {
            let slot = enqueued_at.plus(Duration::from_millis(ahead));
            let queued = QueuedMessage {
                message_id: MessageId::generate(),
                account_id: AccountId::generate(),
                instance_id: InstanceId::generate(),
                slot,
                deadline: slot,
                nonce: None,
            };
            let (conversation, lane) = ("c", Lane::Bulk);
            let received = Received { queued: &queued, conversation, lane, enqueued_at, receives, is_behind, slot };
            received.slot_valid_for()
        };
        let late = [(0, 1, false), (5_000, 1, false), (0, 2, false), (5_000, 1, true)];
        let (soon, later) = (WAITED_SLOT_VALID_FOR, SLOT_VALID_FOR);
        assert_eq!(
            late.map(|(ahead, receives, is_behind)| valid_for(ahead, receives, is_behind)),
            [later, soon, soon, later]
        );
    }
}
