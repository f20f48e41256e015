//! The functions of the code that the model's steps stand for.

use strum::VariantArray;

use crate::code::Code;

/// A part of the code that the model does.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
#[expect(missing_docs, reason = "`code` says which function each is")]
pub enum Part {
    Find,
    Charge,
    Done,
    Record,
    Insert,
    Enqueue,
    TakeBack,
    Withdraw,
    GiveBack,
    AnswerAgain,
    Standing,
    Cancel,
    Fate,
    SettleOne,
    Remove,
    Deliver,
}

impl Part {
    /// Its function.
    pub const fn code(self) -> Code {
        match self {
            Self::Find => Code::of(HANDLER, "find"),
            Self::Charge => Code::of("functions/send/src/charge.rs", "charge"),
            Self::Done => Code::of("functions/send/src/charge.rs", "done"),
            Self::Record => Code::of(HANDLER, "record"),
            Self::Insert => Code::of("shared/src/message_table.rs", "insert"),
            Self::Enqueue => Code::of(HANDLER, "enqueue"),
            Self::TakeBack => Code::of(HANDLER, "take_back"),
            Self::Withdraw => Code::of("shared/src/message_table.rs", "withdraw"),
            Self::GiveBack => Code::of("shared/src/account_items.rs", "give_back"),
            Self::AnswerAgain => Code::of(HANDLER, "answer_again"),
            Self::Standing => Code::of("functions/send/src/idempotency.rs", "standing"),
            Self::Cancel => Code::of("functions/manage/src/messages/cancel.rs", "fail_queued"),
            Self::Fate => Code::of("shared/src/reservation.rs", "fate"),
            Self::SettleOne => Code::of("functions/settle/src/reservations.rs", "settle_one"),
            Self::Remove => Code::of("functions/settle/src/reservations.rs", "remove"),
            Self::Deliver => Code::of("functions/deliver/src/attempt.rs", "attempt"),
        }
    }
}

const HANDLER: &str = "functions/send/src/handler.rs";
