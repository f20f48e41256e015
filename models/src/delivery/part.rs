//! The functions of the code that the model's steps represent.

use strum::VariantArray;

use crate::code::Code;

/// A part of the code that the model contains.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
#[expect(missing_docs, reason = "`code` says which function each is")]
pub enum Part {
    Batch,
    Claim,
    ClaimConflict,
    Resolve,
    FailQueued,
    Prepare,
    QuotedNeverSent,
    Post,
    Record,
    MarkSent,
    Recover,
    AddSentTime,
    MarkHeld,
    MarkUnknown,
    Release,
    ReleaseUnposted,
    Fail,
    FailAndRefund,
    HandToSettle,
    Cancel,
    StoreStatus,
    SentCallback,
    Advance,
    FailedCallback,
    FailReported,
    ConfirmFailure,
    UnknownOutcome,
    GiveUp,
    DeadLetter,
    EnqueueAgain,
}

impl Part {
    /// Its function.
    pub const fn code(self) -> Code {
        match self {
            Self::Batch => Code::function(DELIVER, "deliver_in_order"),
            Self::Claim => Code::function(SHARED, "Transitions::claim"),
            Self::ClaimConflict => Code::function(SHARED, "ClaimConflict::from_record"),
            Self::Resolve => Code::function(DELIVER, "resolve"),
            Self::FailQueued => Code::function(SHARED, "Transitions::fail_queued"),
            Self::Prepare => Code::function(DELIVER, "prepare"),
            Self::QuotedNeverSent => Code::function(DELIVER, "quoted_never_sent"),
            Self::Post => Code::function(SHARED, "post_message"),
            Self::Record => Code::function(DELIVER, "Deliverer::record"),
            Self::MarkSent => Code::function(SHARED, "Transitions::mark_sent"),
            Self::Recover => Code::function(SHARED, "Transitions::recover"),
            Self::AddSentTime => Code::function(SHARED, "Transitions::add_sent_time"),
            Self::MarkHeld => Code::function(SHARED, "Transitions::mark_held"),
            Self::MarkUnknown => Code::function(SHARED, "Transitions::mark_unknown"),
            Self::Release => Code::function(SHARED, "Transitions::release"),
            Self::ReleaseUnposted => Code::function(SHARED, "Transitions::release_unposted"),
            Self::Fail => Code::function(SHARED, "Transitions::fail"),
            Self::FailAndRefund => Code::function(SHARED, "Transitions::fail_and_refund"),
            Self::HandToSettle => Code::function(DELIVER, "hand_to_settle"),
            Self::Cancel => Code::function(SHARED, "Transitions::cancel"),
            Self::StoreStatus => Code::function(RECEIVE, "store_status"),
            Self::SentCallback => Code::function(RECEIVE, "Receiver::sent"),
            Self::Advance => Code::function(SHARED, "Transitions::try_to_advance"),
            Self::FailedCallback => Code::function(RECEIVE, "try_to_fail"),
            Self::FailReported => Code::function(SHARED, "Transitions::fail_reported"),
            Self::ConfirmFailure => Code::function(SHARED, "Transitions::confirm_failure"),
            Self::UnknownOutcome => Code::function(SETTLE, "unknown_outcomes::settle"),
            Self::GiveUp => Code::function(SHARED, "Transitions::give_up"),
            Self::DeadLetter => Code::function(SETTLE, "dead_letters::settle"),
            Self::EnqueueAgain => Code::function(SHARED, "enqueue_again"),
        }
    }
}

const DELIVER: &str = "functions/deliver";
const RECEIVE: &str = "functions/receive";
const SETTLE: &str = "functions/settle";
const SHARED: &str = "shared";
