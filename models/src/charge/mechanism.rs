//! What keeps money and accepted messages exact: each can be taken out of the model.

use strum::VariantArray;

use crate::code::Code;
use crate::mechanisms;

/// A mechanism of the protocol.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
pub enum Mechanism {
    /// A charge needs a credit.
    Credit,
    /// A charge needs that its reservation is not there: it is made once, however often it is asked for.
    ChargedOnce,
    /// A charge whose answer was lost is known by its nonce.
    OwnCharge,
    /// Reservations are found by the request's nonce, not by the message's id.
    ByNonce,
    /// A record is put only where there is none.
    PutIfAbsent,
    /// A record whose put was answered by nobody is known by its nonce.
    OwnPut,
    /// A record is withdrawn only while nobody has begun to send it.
    WithdrawUntouched,
    /// And only by the request that made it.
    WithdrawOwn,
    /// Where another request's record stands, its own is gone.
    GoneIfAnothers,
    /// A record that can't be withdrawn after its put went unanswered is not called refused.
    RefusedIfWithdrawn,
    /// A charge is given back only while it is reserved.
    GivenBackOnce,
    /// While the first request may be under way, another with its key waits.
    UnderWay,
    /// Whether it may be is told by the time from before the record was read.
    AgeBeforeRead,
    /// The queue tells an enqueue from another by nonce, not by the message's id.
    QueuedByNonce,
    /// Settle looks at reservations at all.
    SettleReservations,
    /// But not while their requests may be under way.
    Ended,
    /// What it finds queued it enqueues before the reservation goes.
    EnqueueThenRemove,
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
            Self::Credit => Code::saying(CHARGE, "change", r#".when_at_least("credits", 1)"#),
            Self::ChargedOnce => Code::saying(CHARGE, "change", ".when_absent(&reservation)"),
            Self::OwnCharge => Code::saying(CHARGE, "charge", "any(|reservation| reservation.nonce == nonce)"),
            Self::ByNonce => Code::saying("shared/src/reservation.rs", "fate", "message.nonce == self.nonce"),
            Self::PutIfAbsent => Code::saying(TABLE, "insert", r#""attribute_not_exists(id)""#),
            Self::OwnPut => Code::saying(TABLE, "insert", "standing.nonce == message.nonce"),
            Self::WithdrawUntouched => Code::saying(TABLE, "withdraw", "#rank = :none AND attempt = :none"),
            Self::WithdrawOwn => Code::saying(TABLE, "withdraw", "AND nonce = :nonce"),
            Self::GoneIfAnothers => Code::saying(TABLE, "withdraw", r#"item.get("nonce")"#),
            Self::RefusedIfWithdrawn => Code::saying(HANDLER, "record", "if !self.take_back(message)"),
            Self::GivenBackOnce => Code::saying(ITEMS, "give_back", ".when_present(&reservation)"),
            Self::UnderWay => Code::saying(IDEMPOTENCY, "standing", "message.created_at.plus(UNDER_WAY)"),
            Self::AgeBeforeRead => Code::saying(IDEMPOTENCY, "standing", "if now < message.created_at.plus(UNDER_WAY)"),
            Self::QueuedByNonce => Code::saying(QUEUE, "enqueue", r#"format!("{}-{round}", message.nonce)"#),
            Self::SettleReservations => {
                Code::saying("functions/settle/src/lib.rs", "look_at_meters", "reservations::settle(")
            }
            Self::Ended => Code::saying("shared/src/reservation.rs", "fate", "now < self.at.plus(ENDED)"),
            Self::EnqueueThenRemove => {
                Code::saying(SETTLE, "settle_one", ".enqueue_again(&message, now).await?; remove(")
            }
        }
    }
}

const CHARGE: &str = "functions/send/src/charge.rs";
const HANDLER: &str = "functions/send/src/handler.rs";
const IDEMPOTENCY: &str = "functions/send/src/idempotency.rs";
const ITEMS: &str = "shared/src/account_items.rs";
const QUEUE: &str = "shared/src/delivery_queue.rs";
const SETTLE: &str = "functions/settle/src/reservations.rs";
const TABLE: &str = "shared/src/message_table.rs";
