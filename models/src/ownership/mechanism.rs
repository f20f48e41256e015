//! The mechanisms that keep a number with its owner: each can be removed from the model.

use strum::VariantArray;

use crate::code::Code;
use crate::mechanisms;

/// A mechanism of the protocol.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
pub enum Mechanism {
    /// A number is connected only if no other instance has it.
    OneOwner,
    /// Only the instance that a number belongs to frees it.
    FreeOwn,
    /// A connection is changed only while it is the one that was read.
    Unchanged,
    /// An instance whose token is no longer valid can be disconnected, which frees its number.
    DeadToken,
    /// The owner is read for each inbound message.
    OwnerPerMessage,
    /// A callback of a number that was freed is not acknowledged.
    BetweenOwners,
}

impl mechanisms::Mechanism for Mechanism {
    fn index(self) -> u32 {
        self as u32
    }
}

impl Mechanism {
    /// Where the code has it.
    pub const fn code(self) -> Code {
        match self {
            Self::OneOwner => Code::Mutation("connect-requires-a-free-number"),
            Self::FreeOwn => Code::Mutation("number-freed-by-its-owner"),
            Self::Unchanged => Code::Mutation("connection-changed-as-read"),
            Self::DeadToken => Code::Mutation("disconnect-after-token-died"),
            Self::OwnerPerMessage => Code::Mutation("owner-read-for-each-message"),
            Self::BetweenOwners => Code::Mutation("repeat-between-owners"),
        }
    }
}
