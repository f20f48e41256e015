//! Where a message waits in the table: the keys of the sparse index `byDue`.

use crate::clock::Timestamp;
use crate::ids::{MessageId, partition};
use crate::message::record_keys::short;

/// The attribute with the partition of the index.
pub const WAITS: &str = "waits";
/// The attribute that sorts it.
pub const DUE: &str = "due";
/// Ends a [`DUE`] of a message that may be enqueued no earlier.
const SCHEDULED: &str = "#at";
/// Partitions of the index: each takes 1,000 writes a second.
pub const WAITING_SHARDS: u32 = 32;

/// The place of a waiting message in the index. A conversation is in one partition, in the order in which it is enqueued.
#[derive(Clone, Debug)]
pub struct WaitingPlace {
    /// Value of [`WAITS`].
    pub shard: String,
    /// Value of [`DUE`]: the time, and what orders messages of the same time.
    pub due: String,
}

impl WaitingPlace {
    /// The place of a message that may be enqueued no earlier than at its time.
    pub fn scheduled(conversation: &str, send_at: Timestamp, since: Timestamp, id: &MessageId) -> Self {
        let place = Self::new(conversation, send_at, since, id);
        Self { due: format!("{}{SCHEDULED}", place.due), ..place }
    }

    /// The place of a message that is due at a time, by its conversation or its message group. `since` orders messages of a conversation that are due at the same time.
    pub fn new(conversation: &str, due: Timestamp, since: Timestamp, id: &MessageId) -> Self {
        let due = format!("{:013}#{:013}#{id}", due.millis(), since.millis());
        Self { shard: shard(partition(&short(conversation), WAITING_SHARDS)), due }
    }
}

/// Whether a [`DUE`] is that of a message that may be enqueued no earlier.
pub fn is_scheduled(due: &str) -> bool {
    due.ends_with(SCHEDULED)
}

/// The name of a partition.
pub fn shard(number: u32) -> String {
    number.to_string()
}

/// The time of a [`DUE`].
pub fn due_time(due: &str) -> Option<Timestamp> {
    Some(Timestamp::from_millis(due.split('#').next()?.parse().ok()?))
}

/// What is greater than each [`DUE`] of this time or an earlier one.
pub fn after(until: Timestamp) -> String {
    format!("{:013}~", until.millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_waits_in_one_partition_in_the_order_of_its_times() {
        let id = MessageId::generate();
        let place = |due, since| {
            WaitingPlace::new("inst_1#55", Timestamp::from_millis(due), Timestamp::from_millis(since), &id)
        };
        assert_eq!(place(1, 1).shard, place(2, 2).shard);
        assert!(place(999, 5).due < place(1000, 1).due && place(1000, 1).due < place(1000, 2).due);
        assert_eq!(due_time(&place(1000, 2).due), Some(Timestamp::from_millis(1000)));
        assert!(
            place(1000, 2).due < after(Timestamp::from_millis(1000))
                && place(1001, 0).due > after(Timestamp::from_millis(1000))
        );
    }

    #[test]
    fn conversations_are_spread_over_all_partitions() {
        let shard = |number: u32| {
            WaitingPlace::new(
                &format!("inst_1#55119{number:08}"),
                Timestamp::from_secs(1),
                Timestamp::from_secs(1),
                &MessageId::generate(),
            )
            .shard
        };
        let used: std::collections::BTreeSet<_> = (0..1000).map(shard).collect();
        assert_eq!(used.len(), 32);
    }
}
