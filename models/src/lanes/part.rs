//! The functions of the code that the model's steps represent.

use strum::VariantArray;

use crate::code::Code;

/// A part of the code that the model contains.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
#[expect(missing_docs, reason = "`code` says which function each is")]
pub enum Part {
    Begin,
    Charge,
    Insert,
    Enqueue,
    Repeat,
    SettleOne,
    FailQueued,
    Claim,
    Prepare,
    EarlierInExpress,
    Post,
    LeaveBulkLane,
}

impl Part {
    /// Its function.
    pub const fn code(self) -> Code {
        match self {
            Self::Begin => Code::function("functions/send", "Sender::accept"),
            Self::Charge => Code::function("shared", "choose_lane"),
            Self::Insert => Code::function("shared", "MessageRepository::insert"),
            Self::Enqueue => Code::function("shared", "DeliveryQueues::enqueue"),
            Self::Repeat => Code::function("functions/send", "Sender::replay"),
            Self::SettleOne => Code::function("functions/settle", "reservations::settle_one"),
            Self::FailQueued => Code::function("shared", "Transitions::fail_queued"),
            Self::Claim => Code::function("shared", "Transitions::claim"),
            Self::Prepare => Code::function("functions/deliver", "prepare"),
            Self::EarlierInExpress => Code::function("shared", "earlier_elsewhere"),
            Self::Post => Code::function("shared", "post_message"),
            Self::LeaveBulkLane => Code::function("shared", "leave_bulk_lane"),
        }
    }
}
