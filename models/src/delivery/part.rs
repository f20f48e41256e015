//! The functions of the code that the model's steps stand for.

use strum::VariantArray;

use crate::code::Code;

/// A part of the code that the model does.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
#[expect(missing_docs, reason = "`code` says which function each is")]
pub enum Part {
    Batch,
    Claim,
    Standing,
    Leave,
    FailUntried,
    NotYet,
    Never,
    Post,
    Sent,
    Revive,
    SentLate,
    Held,
    Unknown,
    Release,
    ReleaseUnposted,
    Fail,
    Refund,
    HaveSettled,
    Cancel,
    Callback,
    SentCallback,
    Forward,
    FailedCallback,
    FailedWrite,
    ConfirmFailure,
    Settle,
    Abandoned,
}

impl Part {
    /// Its function.
    pub const fn code(self) -> Code {
        match self {
            Self::Batch => Code::of("functions/deliver/src/batch.rs", "deliver_in_order"),
            Self::Claim => Code::of("functions/deliver/src/claim.rs", "claim"),
            Self::Standing => Code::of("functions/deliver/src/claim.rs", "of"),
            Self::Leave => Code::of("functions/deliver/src/attempt.rs", "leave"),
            Self::FailUntried => Code::of("functions/deliver/src/result.rs", "fail_untried"),
            Self::NotYet => Code::of("functions/deliver/src/prepare.rs", "prepare"),
            Self::Never => Code::of("functions/deliver/src/prepare.rs", "quoted_never_sent"),
            Self::Post => Code::of("functions/deliver/src/whatsapp.rs", "post"),
            Self::Sent => Code::of("functions/deliver/src/result.rs", "sent"),
            Self::Revive => Code::of("shared/src/books.rs", "revive"),
            Self::SentLate => Code::of("functions/deliver/src/result.rs", "tell_sent_late"),
            Self::Held => Code::of("functions/deliver/src/result.rs", "held"),
            Self::Unknown => Code::of("functions/deliver/src/result.rs", "unknown"),
            Self::Release => Code::of("functions/deliver/src/result.rs", "release"),
            Self::ReleaseUnposted => Code::of("functions/deliver/src/result.rs", "release_unposted"),
            Self::Fail => Code::of("functions/deliver/src/result.rs", "fail"),
            Self::Refund => Code::of("shared/src/books.rs", "fail"),
            Self::HaveSettled => Code::of("functions/deliver/src/attempt.rs", "have_settled"),
            Self::Cancel => Code::of("functions/manage/src/messages/cancel.rs", "fail_queued"),
            Self::Callback => Code::of("functions/receive/src/status_update.rs", "store"),
            Self::SentCallback => Code::of("functions/receive/src/status_update.rs", "sent"),
            Self::Forward => Code::of("functions/receive/src/status_update.rs", "forward"),
            Self::FailedCallback => Code::of("functions/receive/src/status_update.rs", "failed"),
            Self::FailedWrite => Code::of("functions/receive/src/status_update.rs", "fail"),
            Self::ConfirmFailure => Code::of("functions/receive/src/status_update.rs", "confirm_failure"),
            Self::Settle => Code::of("functions/settle/src/unsettled.rs", "settle"),
            Self::Abandoned => Code::of("functions/settle/src/abandoned.rs", "settle"),
        }
    }
}
