//! The delivery queue, and the processes that move messages.

use super::record::{Claim, MessageEvent, Status};

/// The state of a message in the delivery queue.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "SQS's terms")]
pub enum Entry {
    Visible,
    InFlight,
    DeadLetter,
    Deleted,
}

/// The next step of a `deliver` process.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Step {
    /// It has nothing to do.
    Idle,
    /// It claims its message.
    Claim {
        /// Whether the SDK repeats the claim, which was applied and whose response was lost.
        repeated: bool,
    },
    /// It posts the message that it has claimed.
    Post,
    /// It makes this write.
    Write(AttemptWrite),
    /// It hands the attempt to `settle`.
    HandToSettle,
    /// Its batch returns, and Lambda deletes what is done.
    Return,
}

/// A write of `deliver` after a claim.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "functions of shared's message/transitions, in attempt.rs and refund.rs")]
pub enum AttemptWrite {
    MarkSent,
    Recover,
    AddSentTime,
    MarkHeld,
    MarkUnknown,
    Release,
    ReleaseUnposted,
    Fail,
}

/// A process of `deliver`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Worker {
    /// Its next step.
    pub step: Step,
    /// Its message.
    pub message: u8,
    /// The attempt that it writes about.
    pub attempt: u8,
    /// The claim that it writes about: its own, or the one that it found.
    pub claim: Option<Claim>,
    /// The remaining messages of its batch: a bit each.
    pub rest: u8,
    /// Messages that leave the queue when the batch returns: a bit each.
    pub done: u8,
    /// Messages of its batch whose receipts have expired: a bit each.
    pub expired: u8,
    /// Whether it was frozen past its timeout, so that its leases may end.
    pub frozen: bool,
}

impl Worker {
    /// A process with nothing to do.
    pub const IDLE: Self =
        Self { step: Step::Idle, message: 0, attempt: 0, claim: None, rest: 0, done: 0, expired: 0, frozen: false };
}

/// The next write of a `receive` process, about one update.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "functions of shared's message/transitions/callback.rs")]
pub enum Receiver {
    Idle,
    Advance(u8, MessageEvent),
    Recover(u8, MessageEvent),
    AddTime(u8, MessageEvent),
    FailReported(u8, u8, Status),
}

/// The next step of `settle`, about one message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Settler {
    /// It has nothing to do.
    Idle,
    /// It gives up an attempt that was unknown or held when it was read.
    GiveUp(u8, u8, Status),
    /// It marks a dead letter's attempt unknown, which was `sending` under this claim.
    MarkUnknown(u8, u8, Option<Claim>),
    /// It enqueues a dead letter's message again.
    EnqueueAgain(u8),
    /// It enqueues a dead letter's attempt as one of unknown outcome.
    Enqueue(u8, u8),
}
