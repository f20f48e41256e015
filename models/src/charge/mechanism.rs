//! The mechanisms that keep credits exact and accepted messages durable: each can be removed from the model.

use strum::VariantArray;

use crate::code::Code;
use crate::mechanisms;

/// A mechanism of the protocol.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
pub enum Mechanism {
    /// A charge requires a credit.
    Credit,
    /// A charge requires that its reservation does not exist: it is made once, however often the SDK repeats it.
    ChargedOnce,
    /// A request recognises its own charge, whose response was lost, by the nonce.
    OwnCharge,
    /// Reservations are found by the request's nonce, not by the message's id.
    ByNonce,
    /// A record is inserted only where there is none.
    InsertIfAbsent,
    /// A request recognises its own record, the response to whose insert was lost, by the nonce.
    OwnInsert,
    /// A record is withdrawn only while it was never attempted.
    WithdrawUntouched,
    /// And only by the request that inserted it.
    WithdrawOwn,
    /// A withdrawal that finds another request's record treats its own as withdrawn.
    GoneIfReplaced,
    /// 503 only if the record was withdrawn after its insert was not answered.
    RefusedIfWithdrawn,
    /// A charge is refunded only while it is reserved.
    RefundedOnce,
    /// While the first request may still be running, another with its key is answered 409.
    InProgress,
    /// A record's age is computed with the time from before it was read.
    AgeBeforeRead,
    /// The queue's deduplication id is the nonce, not the message's id.
    EnqueuedByNonce,
    /// `settle` checks reservations.
    SettleReservations,
    /// But not while their requests may still be running.
    RequestEnded,
    /// `settle` enqueues a queued message before it releases the reservation.
    EnqueueThenRelease,
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
            Self::Credit => Code::Mutation("credit-check-in-charge"),
            Self::ChargedOnce => Code::tokens(SHARED, "charge::reserve", "when_absent(&reservation)"),
            Self::OwnCharge => Code::tokens(SHARED, "try_to_charge", "reservation.nonce == nonce"),
            Self::ByNonce => Code::Mutation("reservation-matched-by-nonce"),
            Self::InsertIfAbsent => Code::tokens(SHARED, "MessageRepository::insert", r#""attribute_not_exists(id)""#),
            Self::OwnInsert => Code::Mutation("own-put-recognised"),
            Self::WithdrawUntouched => Code::tokens(
                SHARED,
                "MessageRepository::withdraw",
                r##""#rank = :none AND attempt = :none AND nonce = :nonce""##,
            ),
            Self::WithdrawOwn => Code::tokens(SHARED, "MessageRepository::withdraw", r#"":nonce""#),
            Self::GoneIfReplaced => Code::Mutation("withdrawal-detects-foreign-record"),
            Self::RefusedIfWithdrawn => Code::Mutation("refuse-only-withdrawn-request"),
            Self::RefundedOnce => Code::tokens(SHARED, "refund_reservation", "when_present(reservation)"),
            Self::InProgress => Code::tokens(SEND, "decide", "now < message.created_at.plus(REQUEST_ENDED)"),
            Self::AgeBeforeRead => Code::Mutation("age-measured-before-read"),
            Self::EnqueuedByNonce => Code::tokens(SHARED, "enqueue_in_lane", "message.nonce"),
            Self::SettleReservations => Code::function(SETTLE, "reservations::settle"),
            Self::RequestEnded => {
                Code::tokens(SHARED, "ReservationOutcome::read", "now < reservation.at.plus(REQUEST_ENDED)")
            }
            Self::EnqueueThenRelease => Code::Mutation("settle-enqueues-recorded-message"),
        }
    }
}

const SEND: &str = "functions/send";
const SETTLE: &str = "functions/settle";
const SHARED: &str = "shared";
