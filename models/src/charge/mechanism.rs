//! The mechanisms that keep credits exact and accepted messages durable: each can be removed from the model.

use crate::code::{Code, in_code};

const DELIVER: &str = "functions/deliver";
const SEND: &str = "functions/send";
const SETTLE: &str = "functions/settle";
const SHARED: &str = "shared";

in_code! {
    /// A mechanism of the protocol.
    pub enum Mechanism {
        /// A charge requires a credit.
        Credit => Code::Mutation("credit-check-in-charge"),
        /// A charge requires that its reservation does not exist: it is made once, however often the SDK repeats it.
        ChargedOnce => Code::tokens(SHARED, "charge_update::reserve", "when_absent(&reservation)"),
        /// A request recognises its own charge, whose response was lost, by the nonce.
        OwnCharge => Code::tokens(SHARED, "try_to_charge", "reservation.nonce == nonce"),
        /// Reservations are found by the request's nonce, not by the message's id.
        ByNonce => Code::Mutation("reservation-matched-by-nonce"),
        /// A record is inserted only where there is none.
        InsertIfAbsent => Code::tokens(SHARED, "MessageRepository::insert", r#""attribute_not_exists(id)""#),
        /// A request recognises its own record, the response to whose insert was lost, by the nonce.
        OwnInsert => Code::Mutation("own-put-recognised"),
        /// A record is withdrawn only while it was never attempted.
        WithdrawUntouched => Code::tokens(
            SHARED,
            "MessageRepository::withdraw",
            r##""#rank = :none AND attempt = :none AND nonce = :nonce""##,
        ),
        /// And only by the request that inserted it.
        WithdrawOwn => Code::tokens(SHARED, "MessageRepository::withdraw", r#"":nonce""#),
        /// A withdrawal that finds another request's record treats its own as withdrawn.
        GoneIfReplaced => Code::Mutation("withdrawal-detects-foreign-record"),
        /// 503 only if the record was withdrawn after its insert or its enqueue was not answered.
        RefusedIfWithdrawn => Code::Mutation("refuse-only-withdrawn-request"),
        /// What is received before its record is there waits until its request has ended.
        AbsentGrace => Code::Mutation("record-may-come-after-its-enqueue"),
        /// A message is claimed for the request alone that has enqueued it.
        ClaimedForItsRequest => Code::Mutation("claim-for-its-request"),
        /// What meets the record of another request that may still withdraw it is looked at again when both have ended.
        MovedBehindAnother => Code::tokens(DELIVER, "Deliverer::resolve", "self.queues.settle.move_back(account_id, message_id)"),
        /// A charge is refunded only while it is reserved.
        RefundedOnce => Code::tokens(SHARED, "settle_reservation", "when_present(reservation)"),
        /// While the first request may still be running, another with its key is answered 409.
        InProgress => Code::tokens(SEND, "decide", "now < message.created_at.plus(REQUEST_ENDED)"),
        /// A record's age is computed with the time from before it was read.
        AgeBeforeRead => Code::Mutation("age-measured-before-read"),
        /// The queue's deduplication id is the nonce, not the message's id.
        EnqueuedByNonce => Code::tokens(SHARED, "enqueue_in_lane", "message.nonce"),
        /// `settle` checks reservations.
        SettleReservations => Code::function(SETTLE, "reservations::resolve_all"),
        /// But not while their requests may still be running.
        RequestEnded => Code::tokens(SHARED, "ReservationOutcome::read", "now < reservation.at.plus(REQUEST_ENDED)"),
        /// `settle` enqueues a queued message before it releases the reservation.
        EnqueueThenRelease => Code::Mutation("settle-enqueues-recorded-message"),
    }
}
