//! What the models of a conversation's order have in common: lanes and waiting.

/// A conversation keeps its order.
pub const IN_ORDER: &str = "a message leaves after those that were accepted before its request began";
/// Every message ends.
pub const ENDS: &str = "from every state, without another fault, every recorded message ends";

/// The queue that a message goes through: `shared::ledger::Lane`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "shared::ledger::Lane says what each is")]
pub enum Lane {
    #[default]
    Express,
    Bulk,
}

/// The status of a message.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "shared::message::state::State says what each is")]
pub enum Status {
    /// There is no record.
    #[default]
    Absent,
    Queued,
    Sending,
    Sent,
    Failed,
}

impl Status {
    /// Whether the message may still be posted.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Sending)
    }
}
