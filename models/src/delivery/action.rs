//! What can happen next,.

use super::process::Result;
use super::record::Told;

/// A step of the world. The first number of what a process does is the process.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// Lambda gives a process a batch: a bit for each message.
    Receive(u8, u8),
    /// It claims its message.
    Claim(u8),
    /// Its claim is applied, and the answer lost: the SDK is about to repeat it.
    ClaimAnswerLost(u8),
    /// It fails a message that nobody has claimed: expired, or the instance is disconnected.
    FailUntried(u8),
    /// It finds that the message's turn or slot has not come.
    NotYet(u8),
    /// It finds that the message can never be sent.
    Never(u8),
    /// It posts.
    Post(u8, Outcome),
    /// It writes what came of it.
    Write(u8, Result),
    /// The same, and the answer is lost: the SDK is about to repeat it.
    WriteAnswerLost(u8, Result),
    /// It hands the attempt to settle.
    HaveSettled(u8),
    /// Its batch returns, and what is done is deleted.
    Return(u8),
    /// It crashes.
    Crash(u8),
    /// It is frozen until after its time, and may wake.
    Freeze(u8),
    /// A lease ends: its process is dead or frozen.
    LeaseEnds(u8),
    /// A message in flight is to be seen again: its wait or its visibility time-out has ended.
    VisibilityEnds(u8),
    /// A message was received too often and goes to the dead letters.
    TooOften(u8),
    /// The customer cancels it.
    Cancel(u8),
    /// A callback for a message and an attempt comes, for the first time or again.
    Callback(u8, Told, u8),
    /// A process of receive does its next write.
    Store(u8),
    /// It crashes: WhatsApp will repeat the callback.
    ReceiveCrash(u8),
    /// Settle looks at an attempt of a message.
    Settle(u8, u8),
    /// Settle looks at a dead letter.
    SettleDeadLetter(u8),
    /// Settle does its next step.
    SettleNext,
    /// It crashes.
    SettleCrash,
    /// A refund reaches the meter on its own: only without the transaction.
    Refund,
    /// It never does.
    RefundLost,
}

/// What comes of a POST: deliver's `Outcome`, and what WhatsApp really did.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// It took it and said so.
    Accepted,
    /// It holds it for a quality check and said so.
    Held,
    /// It took it, and the answer was lost.
    TakenUnanswered,
    /// It did not, and gave no answer.
    Unanswered,
    /// It refused it for now.
    RefusedForNow,
    /// It refused it for good.
    Refused,
    /// It was not reached.
    NotSent,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Accepted,
        Self::Held,
        Self::TakenUnanswered,
        Self::Unanswered,
        Self::RefusedForNow,
        Self::Refused,
        Self::NotSent,
    ];
}
