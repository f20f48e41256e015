//! The mechanisms that keep a conversation in order and moving: each can be removed from the model.

use crate::code::{Code, in_code};

in_code! {
    /// A mechanism of the protocol.
    pub enum Mechanism {
        /// A bulk message waits for earlier express messages.
        ExpressFirst => Code::tokens("functions/deliver", "prepare", "Earlier::InExpress"),
        /// And for no others: those of its own queue may be behind it.
        OtherQueueOnly => Code::Mutation("bulk-waits-for-express-only"),
        /// It does not conclude from a sent message that all earlier ones have left.
        LooksPastSent => Code::Mutation("look-past-sent-messages"),
        /// The messages of an instance in the bulk lane go through the bulk queue.
        MarkedInstance => Code::tokens("shared", "choose_lane", "ledger.bulk_marks.contains_key(&mark)"),
        /// An instance leaves the bulk lane when nothing of it is there.
        LeaveWhenDrained => Code::tokens(
            "functions/settle",
            "bulk_lane::has_open_messages",
            "has_bulk_messages(&check.instance_id)",
        ),
        /// And when no request is in progress that has booked a slot there and not recorded its message.
        LeaveWhenRecorded => Code::Mutation("reserved-bulk-messages"),
    }
}
