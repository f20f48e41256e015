//! The functions of the code that the model's steps represent.

use strum::VariantArray;

use crate::code::Code;

/// A part of the code that the model contains.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
#[expect(missing_docs, reason = "`code` says which function each is")]
pub enum Part {
    Accept,
    Enqueue,
    SettleOne,
    Feed,
    FailQueued,
    Attempt,
    Claim,
    Prepare,
    EarlierInTable,
    WaitInTable,
    Post,
    Pause,
    LeaveBulkLane,
}

impl Part {
    /// Its function.
    pub const fn code(self) -> Code {
        match self {
            Self::Accept => Code::function("functions/send", "Sender::accept"),
            Self::Enqueue => Code::function("shared", "DeliveryQueues::enqueue"),
            Self::SettleOne => Code::function("functions/settle", "reservations::settle_one"),
            Self::Feed => Code::function("functions/settle", "feeder::feed_shard"),
            Self::FailQueued => Code::function("shared", "Transitions::fail_queued"),
            Self::Attempt => Code::function("functions/deliver", "Deliverer::attempt"),
            Self::Claim => Code::function("shared", "Transitions::claim"),
            Self::Prepare => Code::function("functions/deliver", "prepare"),
            Self::EarlierInTable => Code::function("shared", "earlier_elsewhere"),
            Self::WaitInTable => Code::function("shared", "Transitions::wait_in_table"),
            Self::Post => Code::function("shared", "post_message"),
            Self::Pause => Code::function("shared", "AccountsTable::pause"),
            Self::LeaveBulkLane => Code::function("shared", "leave_bulk_lane"),
        }
    }
}
