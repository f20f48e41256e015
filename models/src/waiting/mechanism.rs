//! The mechanisms that keep a conversation in order and moving while its messages wait in the table: each can be removed
//! from the model.

use strum::VariantArray;

use crate::code::Code;
use crate::mechanisms;

/// A mechanism of the protocol.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
pub enum Mechanism {
    /// A bulk message waits behind an earlier one that waits in the table.
    BulkWaitsBehind,
    /// So does an express message of an instance that was paused lately.
    ExpressWaitsBehind,
    /// An express message goes into the table only when all processes see the pause.
    SeenFirst,
    /// A message is in the table before it leaves the queue.
    TableFirst,
    /// A message stays in the table until it is claimed.
    FedUntilClaimed,
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
            Self::BulkWaitsBehind => Code::Mutation("bulk-waits-behind-the-table"),
            Self::ExpressWaitsBehind => Code::Mutation("express-waits-behind-the-table"),
            Self::SeenFirst => Code::tokens("shared", "Instance::moves_to_table", "since.plus(PAUSE_SEEN) <= now"),
            Self::TableFirst => Code::tokens(
                "functions/deliver",
                "Deliverer::wait_in_table",
                "ConditionalWrite::Applied(_) => Ok(Next::Done)",
            ),
            Self::FedUntilClaimed => Code::Mutation("fed-until-claimed"),
        }
    }
}
