//! The mechanisms that keep a conversation in order and moving: each can be removed from the model.

use strum::VariantArray;

use crate::code::Code;
use crate::mechanisms;

/// A mechanism of the protocol.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
pub enum Mechanism {
    /// A bulk message waits for earlier express messages.
    ExpressFirst,
    /// And for no others: those of its own queue may be behind it.
    OtherQueueOnly,
    /// It does not conclude from a sent message that all earlier ones have left.
    LooksPastSent,
    /// The messages of an instance in the bulk lane go through the bulk queue.
    MarkedInstance,
    /// An instance leaves the bulk lane when nothing of it is there.
    LeaveWhenDrained,
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
            Self::ExpressFirst => Code::tokens("functions/deliver", "prepare", "Earlier::InExpress"),
            Self::OtherQueueOnly => Code::Mutation("bulk-waits-for-express-only"),
            Self::LooksPastSent => Code::Mutation("look-past-sent-messages"),
            Self::MarkedInstance => Code::tokens("shared", "choose_lane", "ledger.bulk_marks.contains_key(&mark)"),
            Self::LeaveWhenDrained => {
                Code::tokens("functions/settle", "bulk_lane::settle_one", "has_bulk_messages(&mark.instance)")
            }
        }
    }
}
