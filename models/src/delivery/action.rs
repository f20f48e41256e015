//! What can happen next.

use super::process::AttemptWrite;
use super::record::MessageEvent;

/// What can happen next. A process's number comes first, a message's otherwise.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// Lambda gives a process a batch: a bit for each message.
    Receive(u8, u8),
    /// It claims its message.
    Claim(u8),
    /// Its claim is applied and the response lost: the SDK is about to repeat it.
    ClaimResponseLost(u8),
    /// It fails a queued message, which has expired or whose instance is disconnected.
    FailQueued(u8),
    /// It finds that the claimed message has to wait for its turn or its slot.
    Wait(u8),
    /// It finds that the claimed message can never be sent.
    FailPrepared(u8),
    /// It posts.
    Post(u8, Outcome),
    /// It writes the result of its attempt.
    Write(u8, AttemptWrite),
    /// The write is applied and the response lost: the SDK is about to repeat it.
    WriteResponseLost(u8, AttemptWrite),
    /// It hands the attempt to `settle`.
    HandToSettle(u8),
    /// Its batch returns, and what is done is deleted.
    Return(u8),
    /// It crashes.
    Crash(u8),
    /// It is frozen past its timeout, and may resume.
    Freeze(u8),
    /// A message's lease ends: its process is dead or frozen.
    LeaseEnds(u8),
    /// A message in flight becomes visible: its wait or its visibility timeout has ended.
    VisibilityEnds(u8),
    /// A message was received too often and becomes a dead letter.
    BecomesDeadLetter(u8),
    /// The customer cancels a message.
    Cancel(u8),
    /// A callback about a message's attempt arrives, for the first time or again.
    Callback(u8, MessageEvent, u8),
    /// A process of `receive` makes its next write.
    Store(u8),
    /// A process of `receive` crashes: WhatsApp will repeat the callback.
    ReceiveCrash(u8),
    /// `settle` receives an attempt of unknown outcome.
    Settle(u8, u8),
    /// `settle` receives a dead letter, before or after the message's `expiresIn`.
    SettleDeadLetter(u8, bool),
    /// `settle` takes its next step.
    SettleNext,
    /// `settle` crashes.
    SettleCrash,
    /// A refund reaches the ledger by itself: only without the transaction.
    Refund,
    /// A refund is lost: only without the transaction.
    RefundLost,
}

/// The outcome of a POST: the code's `Outcome`, and what WhatsApp really did.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// WhatsApp accepted the message and answered so.
    Accepted,
    /// WhatsApp holds the message for a quality assessment and answered so.
    Held,
    /// WhatsApp accepted the message, and the answer was lost.
    AcceptedUnanswered,
    /// WhatsApp did not accept the message and gave no answer.
    Unanswered,
    /// WhatsApp refused the message temporarily.
    RefusedForNow,
    /// WhatsApp refused the message permanently.
    Refused,
    /// WhatsApp was not reached.
    NotSent,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Accepted,
        Self::Held,
        Self::AcceptedUnanswered,
        Self::Unanswered,
        Self::RefusedForNow,
        Self::Refused,
        Self::NotSent,
    ];
}
