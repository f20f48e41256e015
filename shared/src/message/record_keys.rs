//! The keys of messages: in the table's indexes, and in the delivery queues.

use std::borrow::Cow;

use aws_lc_rs::digest;

use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId, MessageId, partition};
use crate::ledger::SendSlots;
use crate::message::batch_row::charge_nonce;

/// The most shards of an instance in the index `byBulk`.
const MAX_BULK_SHARDS: u32 = 4;
/// Messages a second of a number, for each shard.
const BULK_SHARD_RATE: u32 = 300;

/// Characters of a message group (SQS API reference, SendMessage, `MessageGroupId`).
const MAX_GROUP: usize = 128;
/// Ends the message group of a conversation's messages of batches.
const BATCHES: &str = "#batch";

/// The key of a conversation: an instance and the other party's alias, or a group's [`group_chat`].
pub fn conversation_key(instance: &InstanceId, chat: &str) -> String {
    format!("{instance}#{chat}")
}

/// The instance of a conversation, by its key.
pub fn instance_of(conversation: &str) -> &str {
    conversation.split('#').next().unwrap_or_default()
}

/// The message group of the delivery queues: a conversation, and another one for its messages of batches, which have no order with
/// the others.
pub fn message_group(conversation: &str, nonce: &str) -> String {
    let group = short(conversation);
    if charge_nonce(nonce).is_some() { format!("{group}{BATCHES}") } else { group.into_owned() }
}

/// A conversation as a message group names it: itself, or a hash when it is too long for one, as with a long user id. The same for
/// what it returns.
pub fn short(conversation: &str) -> Cow<'_, str> {
    if conversation.len() <= MAX_GROUP - BATCHES.len() {
        return conversation.into();
    }
    let hash = digest::digest(&digest::SHA256, conversation.as_bytes());
    format!("{}#{}", instance_of(conversation), hex::encode(&hash.as_ref()[..16])).into()
}

/// The key of an account's messages with a reference in the index `byReference`.
pub fn reference_key(account: &AccountId, reference: &str) -> String {
    format!("{account}#{reference}")
}

/// The name of a group's conversation, which no alias has.
pub fn group_chat(group_id: &str) -> String {
    format!("group.{group_id}")
}

/// The keys under which an instance's messages in the bulk lane are found in the index `byBulk`.
pub fn bulk_keys(instance: &InstanceId) -> impl Iterator<Item = String> {
    (0..MAX_BULK_SHARDS).map(move |shard| bulk_shard(instance, shard))
}

/// The key of a message in the index `byBulk`: its instance, and a shard for a number so fast that a partition of the index,
/// which takes 1,000 writes a second, would not take the two of each message.
pub fn bulk_key(instance: &InstanceId, slots: SendSlots, id: &MessageId) -> String {
    let shards = slots.rate.div_ceil(BULK_SHARD_RATE).clamp(1, MAX_BULK_SHARDS);
    bulk_shard(instance, partition(id.as_str(), shards))
}

/// The first shard is called as the only one was in earlier versions, which also read the others: as ids of instances.
fn bulk_shard(instance: &InstanceId, shard: u32) -> String {
    if shard == 0 { instance.to_string() } else { format!("{instance}_{shard}") }
}

/// The key that sorts a history: thirteen digits of milliseconds (until the year 2286), then the id.
pub fn history_key(at: Timestamp, id: &MessageId) -> String {
    format!("{}#{id}", key_of_time(at))
}

/// The last time that has a key, in the year 2286: one with another digit would come before all others.
const LAST_KEY: i64 = 9_999_999_999_999;

/// The beginning of the keys of a time's messages: smaller than these, and greater than those of any earlier time.
pub fn key_of_time(at: Timestamp) -> String {
    format!("{:013}", at.millis().clamp(0, LAST_KEY))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_time_is_before_an_earlier_one() {
        let years = [0, 1, 1_770_000_000, 9_999_999_999, 10_000_000_000, 16_000_000_000];
        let keys: Vec<String> = years.into_iter().map(|secs| key_of_time(Timestamp::from_secs(secs))).collect();
        assert!(keys.is_sorted(), "{keys:?}");
    }

    #[test]
    fn a_message_group_is_no_longer_than_a_queue_allows_and_names_its_conversation() {
        let instance = InstanceId::generate();
        let conversation = |length| conversation_key(&instance, &format!("BR.{}", "7".repeat(length)));
        for (length, is_kept) in [(20, true), (91, true), (92, false), (128, false)] {
            let conversation = conversation(length);
            let groups = ["charge", "charge.7"].map(|nonce| message_group(&conversation, nonce));
            assert!(groups.iter().all(|group| group.len() <= MAX_GROUP && instance_of(group) == instance.as_str()));
            assert_eq!(groups[0] == conversation, is_kept, "{length}");
            assert_eq!(short(&groups[0]), groups[0], "the place of a message is found by its group too");
            assert_ne!(groups[0], groups[1]);
        }
        let other = conversation_key(&instance, &format!("BR.{}8", "7".repeat(127)));
        assert_ne!(short(&conversation(128)), short(&other));
    }

    #[test]
    fn a_fast_numbers_bulk_messages_are_spread_over_keys_that_are_all_searched() {
        let instance = InstanceId::generate();
        let keys = |rate| {
            let key = |_| bulk_key(&instance, SendSlots { rate }, &MessageId::generate());
            (0..200).map(key).collect::<BTreeSet<_>>()
        };
        assert_eq!(keys(80), BTreeSet::from([instance.to_string()]));
        assert_eq!(keys(1000), bulk_keys(&instance).collect());
        assert!(bulk_keys(&instance).all(|key| key.parse::<InstanceId>().is_ok()), "an earlier version reads it");
    }
}
