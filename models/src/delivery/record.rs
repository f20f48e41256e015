//! A message: its record, and what WhatsApp knows of it.

/// The status of a message: `shared::message::state::State`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "shared::message::state::State says what each is")]
pub enum Status {
    Queued,
    Sending,
    Unknown,
    Held,
    Unconfirmed,
    Sent,
    Failed,
    Delivered,
    Read,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Sending,
        Self::Unknown,
        Self::Held,
        Self::Unconfirmed,
        Self::Sent,
        Self::Failed,
        Self::Delivered,
        Self::Read,
    ];

    /// `State::rank`; a test compares the two.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Sending => 1,
            Self::Unknown | Self::Held => 2,
            Self::Unconfirmed => 3,
            Self::Sent => 4,
            Self::Failed => 5,
            Self::Delivered => 6,
            Self::Read => 7,
        }
    }

    /// Whether a message may end in it.
    pub const fn is_over(self) -> bool {
        self.rank() >= Self::Unconfirmed.rank()
    }

    /// Whether the message is refunded.
    pub const fn is_failed(self) -> bool {
        matches!(self, Self::Unconfirmed | Self::Failed)
    }
}

/// What a callback reports: `shared::message::state::MessageEvent`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "WhatsApp's words")]
pub enum MessageEvent {
    Sent,
    Delivered,
    Read,
    Failed,
}

impl MessageEvent {
    /// The status that it advances a message to.
    pub const fn status(self) -> Status {
        match self {
            Self::Sent => Status::Sent,
            Self::Delivered => Status::Delivered,
            Self::Read => Status::Read,
            Self::Failed => Status::Failed,
        }
    }

    /// Its bit among a record's times.
    pub const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A claim, different from every other that is still known.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Claim {
    /// The process that made it.
    pub process: u8,
    /// Distinguishes the process's claims.
    pub token: u8,
}

/// A record of the table of messages.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Record {
    /// `status` and `rank`.
    pub status: Status,
    /// Attempts that were started.
    pub attempt: u8,
    /// The claim under which it is being sent.
    pub claim: Option<Claim>,
    /// Whether the claim's lease has ended.
    pub lease_ended: bool,
    /// `refunded`.
    pub refunded: bool,
    /// Which of `sentAt`, `deliveredAt`, `readAt` and `failedAt` are set: [`MessageEvent::bit`].
    pub times: u8,
    /// Whether it was recovered after a failure; only to show that this is reachable.
    pub recovered: bool,
}

/// What WhatsApp knows of a message.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct WhatsAppRecord {
    /// Whether an attempt was made that WhatsApp may have accepted.
    pub may_be_accepted: bool,
    /// The attempt that WhatsApp accepted.
    pub accepted: Option<u8>,
    /// Attempts that WhatsApp refused: a bit each.
    pub refused: u8,
    /// Whether WhatsApp reports that the accepted message has failed.
    pub failed: bool,
    /// Whether a callback that reports it was acknowledged.
    pub failure_acknowledged: bool,
}
