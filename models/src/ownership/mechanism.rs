//! The mechanisms that keep a number with its owner: each can be removed from the model.

use crate::code::{Code, in_code};

in_code! {
    /// A mechanism of the protocol.
    pub enum Mechanism {
        /// A number is connected only if no other instance has it.
        OneOwner => Code::Mutation("connect-requires-a-free-number"),
        /// Only the instance that a number belongs to frees it.
        FreeOwn => Code::Mutation("number-freed-by-its-owner"),
        /// A connection is changed only while it is the one that was read.
        Unchanged => Code::Mutation("connection-changed-as-read"),
        /// An instance whose token is no longer valid can be disconnected, which frees its number.
        DeadToken => Code::Mutation("disconnect-after-token-died"),
        /// The owner is read for each inbound message.
        OwnerPerMessage => Code::Mutation("owner-read-for-each-message"),
        /// A callback of a number that was freed is not acknowledged.
        BetweenOwners => Code::Mutation("repeat-between-owners"),
    }
}
