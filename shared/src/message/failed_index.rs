//! Failed messages: the keys of the sparse index `byFailed`, which a message enters with its failure and leaves when
//! WhatsApp reports that it was sent or delivered after all.

use crate::ids::{AccountId, MessageId, partition};

/// The attribute with the partition of the index; the message's history key sorts it.
pub const FAILED: &str = "failed";
/// Partitions of an account in the index: each takes 1,000 writes a second, and one that takes no more would fail the
/// failures' own writes. A ledger takes 1,000 charges a second, so an account has hardly more messages than that.
const SHARDS: u32 = 4;

/// The partition of a message.
pub fn failed_key(account: &AccountId, id: &MessageId) -> String {
    shard(account, partition(id.as_str(), SHARDS))
}

/// The partitions of an account.
pub fn failed_keys(account: &AccountId) -> impl Iterator<Item = String> {
    (0..SHARDS).map(move |number| shard(account, number))
}

fn shard(account: &AccountId, number: u32) -> String {
    format!("{account}#{number}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn failed_messages_are_spread_over_keys_that_are_all_searched() {
        let account = AccountId::generate();
        let used: BTreeSet<_> = (0..200).map(|_| failed_key(&account, &MessageId::generate())).collect();
        assert_eq!(used, failed_keys(&account).collect());
    }
}
