//! The delivery queue, and the processes that move messages.

use super::record::{Claim, Status, Told};

/// Where a message lies in the delivery queue.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "SQS's words")]
pub enum Entry {
    Visible,
    InFlight,
    DeadLetter,
    Deleted,
}

/// What a deliver process does next with its message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Step {
    /// It has nothing to do.
    Idle,
    /// It claims; again, when the answer of the first time was lost.
    Claim {
        /// Whether the first write was applied.
        again: bool,
    },
    /// It has claimed.
    Post,
    /// It writes this.
    Write(Result),
    /// It hands the attempt to settle.
    HaveSettled,
    /// It deletes what is done.
    Return,
}

/// What deliver writes after a claim.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "functions of deliver's result.rs; Revive is one of books.rs")]
pub enum Result {
    Sent,
    Revive,
    SentLate,
    Held,
    Unknown,
    Release,
    ReleaseUnposted,
    Fail,
}

/// A process of deliver.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Worker {
    /// Its next step.
    pub step: Step,
    /// Its message.
    pub message: u8,
    /// The attempt that it is about.
    pub attempt: u8,
    /// The claim that it is about: its own, or the one that it found.
    pub claim: Option<Claim>,
    /// Messages of its batch that come after: a bit each.
    pub rest: u8,
    /// Messages that leave the queue when the batch returns.
    pub done: u8,
    /// Those of its messages that are no longer its own in the queue: a bit each.
    pub expired: u8,
    /// Whether its time is over: it was frozen, and its leases may end.
    pub frozen: bool,
}

impl Worker {
    /// A process with nothing to do.
    pub const IDLE: Self =
        Self { step: Step::Idle, message: 0, attempt: 0, claim: None, rest: 0, done: 0, expired: 0, frozen: false };
}

/// A process of receive, with one update.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "the functions of status_update.rs")]
pub enum Receiver {
    Idle,
    Forward(u8, Told),
    Revive(u8, Told),
    AddTime(u8, Told),
    Fail(u8, u8, Status),
}

/// The process of settle, with one message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Settler {
    /// It has nothing to do.
    Idle,
    /// It fails an attempt that was open in this state.
    Fail(u8, u8, Status),
    /// It makes a dead letter's attempt unknown, which was under way under this claim.
    MakeUnknown(u8, u8, Option<Claim>),
    /// It puts a dead letter's attempt into its own queue.
    Enqueue(u8, u8),
}
