//! The mechanisms that keep a conversation in order and moving while its messages wait in the table: each can be removed
//! from the model.

use crate::code::{Code, in_code};

in_code! {
    /// A mechanism of the protocol.
    pub enum Mechanism {
        /// A bulk message waits behind an earlier one that waits in the table.
        BulkWaitsBehind => Code::Mutation("bulk-waits-behind-the-table"),
        /// So does an express message of an instance that was paused lately.
        ExpressWaitsBehind => Code::Mutation("express-waits-behind-the-table"),
        /// An express message goes into the table only when all processes see the pause.
        SeenFirst => Code::tokens("shared", "Instance::moves_to_table", "since.plus(PAUSE_SEEN) <= now"),
        /// A message is in the table before it leaves the queue.
        TableFirst => Code::tokens(
            "functions/deliver",
            "Deliverer::wait_in_table",
            "ConditionalWrite::Applied(_) => Ok(Next::Done)",
        ),
        /// A message stays in the table until it is claimed.
        FedUntilClaimed => Code::Mutation("fed-until-claimed"),
    }
}
