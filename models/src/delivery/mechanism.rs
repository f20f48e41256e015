//! What keeps a message from being lost, sent twice or told wrong: each can be taken out of the model.

use strum::VariantArray;

use crate::code::Code;
use crate::mechanisms;

/// A mechanism of the protocol.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
pub enum Mechanism {
    /// Only a queued message is claimed.
    Claim,
    /// A claim whose answer was lost is known as one's own.
    OwnClaim,
    /// A lease that ended without a result makes the message unknown; it is not claimed anew.
    LeaseToUnknown,
    /// An attempt without an answer is of unknown outcome; it is not taken for one that was not sent.
    NoAnswerIsUnknown,
    /// A result is of the attempt that it belongs to.
    ResultOfAttempt,
    /// Only the attempt that is under way lets go of a message.
    ReleaseWhileSending,
    /// A late answer takes back that the message was given up.
    LateAnswerRevives,
    /// A late answer that finds a callback's state still tells when the message was sent.
    SentLate,
    /// A redelivery that finds an unknown outcome hands it to settle before the queue forgets it.
    SettledBeforeForgotten,
    /// Settle fails what stayed unknown.
    SettleUnknown,
    /// It fails only what still is as it was read.
    SettleAsRead,
    /// Dead letters are settled by their records.
    DeadLetters,
    /// A dead letter fails only while its message is queued.
    DeadWhileQueued,
    /// A callback's state must be higher.
    Rank,
    /// Each time is set once.
    TimeOnce,
    /// A callback that comes after a later one adds its time.
    MissingTime,
    /// A `failed` counts only for the current attempt.
    FailedOfAttempt,
    /// It counts only for the state that was read.
    FailedAsRead,
    /// Record and credit change together.
    OneTransaction,
    /// What was refunded is charged again when it turns out to have been sent.
    ChargedAgain,
    /// And only once.
    ChargedAgainOnce,
    /// What stands behind a message that waits, waits too.
    GroupOrder,
    /// An outcome that can't be made unknown, since the record has changed, is looked at again.
    UnknownOrAgain,
    /// A failure that can't be written, since the record has changed, is looked at again.
    FailOrAgain,
    /// What ends an attempt holds for its claim only: an attempt's number can come back.
    ByClaim,
    /// A `failed` during the POST fails the message at once.
    FailedWhileSending,
    /// A `failed` after the message was given up is final.
    FailedAfterUnconfirmed,
    /// A correction that another one has overtaken is looked at again.
    CorrectedOrAgain,
    /// A dead letter whose message WhatsApp holds is handed to settle.
    HeldDeadLetter,
}

impl mechanisms::Mechanism for Mechanism {
    fn place(self) -> u32 {
        self as u32
    }
}

impl Mechanism {
    /// Where the code has it.
    pub const fn code(self) -> Code {
        match self {
            Self::Claim => Code::saying(CLAIM, "claim", r#".when_equal("rank", State::Queued.rank())"#),
            Self::OwnClaim => Code::saying(CLAIM, "claim", "message.claim.as_ref() == Some(&claim)"),
            Self::LeaseToUnknown => Code::saying(ATTEMPT, "leave", "Abandoned(message) => self.leave_unknown("),
            Self::NoAnswerIsUnknown => Code::saying(ATTEMPT, "send", "Outcome::Unknown(reason) => self.leave_unknown("),
            Self::ResultOfAttempt => Code::saying(RESULT, "of_attempt", r#".when_equal("attempt", message.attempt)"#),
            Self::ReleaseWhileSending => Code::saying(RESULT, "release", r#".when_equal("status", State::Sending)"#),
            Self::LateAnswerRevives => Code::saying(RESULT, "sent", "standing.status == State::Unconfirmed"),
            Self::SentLate => Code::saying(RESULT, "sent", "standing.sent_at.is_none() => { tell_sent_late("),
            Self::SettledBeforeForgotten => Code::saying(ATTEMPT, "leave", "Unknown(message) => self.have_settled("),
            Self::SettleUnknown => Code::saying(UNSETTLED, "settle", "books.fail(&attempt.account_id"),
            Self::SettleAsRead => Code::saying(UNSETTLED, "settle", r#".when_equal("status", message.status)"#),
            Self::DeadLetters => Code::saying(ABANDONED, "settle", "unsettled.enqueue(&Unsettled::attempt_at("),
            Self::DeadWhileQueued => Code::saying(ABANDONED, "settle", r#".when_equal("status", State::Queued)"#),
            Self::Rank => Code::saying(UPDATE, "forward", r#"forward.when_below("rank", state.rank())"#),
            Self::TimeOnce => Code::saying(UPDATE, "forward", ".when_absent(transition.attribute())"),
            Self::MissingTime => Code::saying(UPDATE, "forward", "is_missing(&message, number, transition)"),
            Self::FailedOfAttempt => Code::saying(UPDATE, "failed", "message.attempt == tag.attempt"),
            Self::FailedAsRead => Code::saying(UPDATE, "fail", r#".when_equal("status", message.status)"#),
            Self::OneTransaction => Code::saying(BOOKS, "fail", "change_and_credit(&self.accounts, account, 1,"),
            Self::ChargedAgain => Code::saying(UPDATE, "forward", "forward().when_absent(REFUNDED)"),
            Self::ChargedAgainOnce => Code::saying(BOOKS, "revive", ".when_present(REFUNDED)"),
            Self::GroupOrder => Code::saying("functions/deliver/src/batch.rs", "deliver_in_order", "break;"),
            Self::UnknownOrAgain => {
                Code::saying(ATTEMPT, "leave_unknown", "if !result::unknown(&self.books, message).await? {")
            }
            Self::FailOrAgain => Code::saying(RESULT, "fail", "return Ok(Next::Later(SHORT_WAIT));"),
            Self::ByClaim => Code::saying(RESULT, "of_claim", r#".when_equal("claim", &message.claim)"#),
            Self::FailedWhileSending => Code::saying(UPDATE, "failed", "matches!(message.status, State::Sending |"),
            Self::FailedAfterUnconfirmed => {
                Code::saying(UPDATE, "failed", "confirm_failure(books, message, status, &failure)")
            }
            Self::CorrectedOrAgain => Code::saying(UPDATE, "forward", "Billed::Refused(_) => {}"),
            Self::HeldDeadLetter => Code::saying(ABANDONED, "settle", "State::Held"),
        }
    }
}

const ABANDONED: &str = "functions/settle/src/abandoned.rs";
const ATTEMPT: &str = "functions/deliver/src/attempt.rs";
const BOOKS: &str = "shared/src/books.rs";
const CLAIM: &str = "functions/deliver/src/claim.rs";
const RESULT: &str = "functions/deliver/src/result.rs";
const UNSETTLED: &str = "functions/settle/src/unsettled.rs";
const UPDATE: &str = "functions/receive/src/status_update.rs";
