//! The mechanisms that keep a message from being lost, sent twice or published wrongly: each can be removed from the model.

use strum::VariantArray;

use crate::code::Code;
use crate::mechanisms;

/// A mechanism of the protocol.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
pub enum Mechanism {
    /// Only a queued message is claimed.
    ClaimWhileQueued,
    /// A process recognises its own claim, whose response was lost.
    OwnClaim,
    /// A lease that ended without a result makes the message unknown; it is not claimed again.
    ExpiredLeaseIsUnknown,
    /// An attempt without an answer is of unknown outcome; it does not count as not sent.
    NoAnswerIsUnknown,
    /// A result applies to its own attempt only.
    ResultOfAttempt,
    /// A message is released only while it is `sending`.
    ReleaseWhileSending,
    /// A late answer recovers a message that was given up.
    LateAnswerRecovers,
    /// A late answer adds `sentAt` where a callback has advanced the message further.
    LateSentTime,
    /// A redelivery that finds an unknown outcome hands it to `settle` before it is deleted from the queue.
    HandedToSettle,
    /// `settle` fails what stays unknown.
    SettleUnknown,
    /// It fails only the state that it read.
    SettleAsRead,
    /// `settle` handles the dead letters of `deliver` by their records.
    DeadLetters,
    /// A dead letter fails only while its message is `queued`.
    DeadLetterWhileQueued,
    /// A callback stores only a state of a higher rank.
    Rank,
    /// Each time is set once.
    TimeOnce,
    /// A callback that arrives after a later one adds its time.
    MissingTime,
    /// A `failed` update applies to its own attempt only.
    FailedOfAttempt,
    /// And only to the state that was read.
    FailedAsRead,
    /// Record and credit are written in one transaction.
    OneTransaction,
    /// A recovered message, which was refunded, is charged again.
    ChargedAgain,
    /// And only once.
    ChargedAgainOnce,
    /// The messages behind one that waits wait too.
    ConversationOrder,
    /// Where `mark_unknown` is refused, because the record has changed, the message is read again.
    UnknownOrRetried,
    /// Where `fail` is refused, because the record has changed, the message is read again.
    FailedOrRetried,
    /// What ends an attempt applies to its own claim only: an attempt's number can be used again.
    ResultOfClaim,
    /// A `failed` update during the POST fails the message at once.
    FailedWhileSending,
    /// A `failed` update makes `unconfirmed` final.
    FailedAfterUnconfirmed,
    /// A recovery that another one has overtaken is retried.
    RecoveredOrRetried,
    /// A dead letter of a held message is handed to `settle`.
    HeldDeadLetter,
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
            Self::ClaimWhileQueued => Code::Mutation("claim-only-while-queued"),
            Self::OwnClaim => Code::tokens(SHARED, "Transitions::claim", "message.claim.as_ref() == Some(&claim)"),
            Self::ExpiredLeaseIsUnknown => Code::Mutation("expired-lease-means-unknown"),
            Self::NoAnswerIsUnknown => Code::Mutation("no-answer-means-unknown"),
            Self::ResultOfAttempt => Code::tokens(SHARED, "end_of_attempt", "message.attempt"),
            Self::ReleaseWhileSending => {
                Code::tokens(SHARED, "Transitions::release", r#"when_equal("status", State::Sending)"#)
            }
            Self::LateAnswerRecovers => {
                Code::tokens(SHARED, "mark_sent", "existing.status == State::Unconfirmed && self.recover")
            }
            Self::LateSentTime => Code::function(SHARED, "add_sent_time"),
            Self::HandedToSettle => {
                Code::tokens(DELIVER, "resolve", "ClaimConflict::Unknown(message) => self.hand_to_settle(&message)")
            }
            Self::SettleUnknown => Code::tokens(SETTLE, "unknown_outcomes::settle", "give_up(&message)"),
            Self::SettleAsRead => {
                Code::tokens(SHARED, "Transitions::give_up", r#"when_equal("status", message.status)"#)
            }
            Self::DeadLetters => Code::tokens(SETTLE, "dead_letters::settle", "unknown_outcomes.enqueue"),
            Self::DeadLetterWhileQueued => Code::tokens(
                SHARED,
                "queued::Transitions::write_failure",
                r#"when_equal("rank", State::Queued.rank())"#,
            ),
            Self::Rank => Code::Mutation("status-rank-condition"),
            Self::TimeOnce => Code::tokens(SHARED, "callback::reported", "when_absent(report.event.time_attribute())"),
            Self::MissingTime => Code::function(SHARED, "lacks_time"),
            Self::FailedOfAttempt => Code::Mutation("callback-attempt-check"),
            Self::FailedAsRead => Code::tokens(SHARED, "fail_reported", r#"when_equal("status", message.status)"#),
            Self::OneTransaction => Code::Mutation("refund-in-one-transaction"),
            Self::ChargedAgain => Code::tokens(SHARED, "Transitions::recover", "self.ledger.recharge"),
            Self::ChargedAgainOnce => Code::tokens(SHARED, "Transitions::recover", "when_present(REFUNDED)"),
            Self::ConversationOrder => Code::Mutation("conversation-stops-at-waiting-head"),
            Self::UnknownOrRetried => Code::Mutation("unknown-retry-after-conflict"),
            Self::FailedOrRetried => Code::Mutation("failure-retry-after-conflict"),
            Self::ResultOfClaim => Code::Mutation("result-bound-to-claim"),
            Self::FailedWhileSending => Code::Mutation("failed-callback-while-sending"),
            Self::FailedAfterUnconfirmed => Code::Mutation("failed-callback-after-giving-up"),
            Self::RecoveredOrRetried => Code::Mutation("correction-retry-after-conflict"),
            Self::HeldDeadLetter => Code::Mutation("dead-letter-of-held-message"),
        }
    }
}

const DELIVER: &str = "functions/deliver";
const SETTLE: &str = "functions/settle";
const SHARED: &str = "shared";
