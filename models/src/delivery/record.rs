//! A message: its record, and what WhatsApp knows of it.

/// Where a message stands: `shared::state::State`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "shared::state::State says what each is")]
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

    /// `State::rank`; a test holds it to that.
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

    /// Whether it is one that a message may stay in.
    pub const fn is_over(self) -> bool {
        self.rank() >= Self::Unconfirmed.rank()
    }

    /// Whether the credit is to be back.
    pub const fn is_failed(self) -> bool {
        matches!(self, Self::Unconfirmed | Self::Failed)
    }
}

/// What a callback says.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "WhatsApp's words")]
pub enum Told {
    Sent,
    Delivered,
    Read,
    Failed,
}

impl Told {
    /// The state that it brings a message to.
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

/// A claim: no other that anybody still knows of is the same.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Claim {
    /// The process that made it.
    pub process: u8,
    /// Which of them it is.
    pub token: u8,
}

/// A record of the table of messages.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Record {
    /// `status` and `rank`.
    pub status: Status,
    /// Attempts begun.
    pub attempt: u8,
    /// Under whose claim it is being sent.
    pub claim: Option<Claim>,
    /// Whether the claim's lease has ended.
    pub lease_ended: bool,
    /// `refunded`.
    pub refunded: bool,
    /// Which of `sentAt`, `deliveredAt`, `readAt` and `failedAt` are set: [`Told::bit`].
    pub times: u8,
    /// Whether it was taken back after it had failed; only to see that this happens.
    pub corrected: bool,
}

/// What WhatsApp knows of a message.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Ledger {
    /// Whether an attempt was made that it may have taken.
    pub maybe: bool,
    /// The attempt that it took.
    pub taken: Option<u8>,
    /// Attempts that it refused: a bit each.
    pub refused: u8,
    /// Whether it says that the message that it took has failed.
    pub failed: bool,
    /// Whether a callback that says so was acknowledged.
    pub failed_heard: bool,
}
