//! The mechanisms that keep a batch's credits exact and its answer true: each can be removed from the model.

use crate::code::{Code, in_code};

const SETTLE: &str = "functions/settle";
const SHARED: &str = "shared";

in_code! {
    /// A mechanism of the protocol.
    pub enum Mechanism {
        /// A charge requires a credit for each message.
        Credits => Code::tokens(SHARED, "charge_update", "when_at_least(CREDITS, purchase.credits())"),
        /// And takes them together.
        AllAtOnce => Code::tokens(SHARED, "charge_update", "add(CREDITS, -purchase.credits())"),
        /// A charge requires that its reservation does not exist: it is made once, however often the SDK repeats it.
        ChargedOnce => Code::tokens(SHARED, "charge_update::reserve", "when_absent(&reservation)"),
        /// A request recognises its own charge, whose response was lost, by the nonce.
        OwnCharge => Code::tokens(SHARED, "try_to_charge", "reservation.nonce == nonce"),
        /// A reservation says how many credits it holds.
        CountReserved => Code::tokens(SHARED, "Reservation::batch_value", "&messages.to_be_bytes()"),
        /// A batch's record is inserted only where there is none.
        BeginIfAbsent => Code::tokens(SHARED, "begin_batch", r#"when_absent("id")"#),
        /// A request recognises its own batch, the response to whose insert was lost, by the nonce.
        OwnBatch => Code::tokens(SHARED, "write_batch", "existing.nonce == batch.nonce"),
        /// A batch is taken over only from the request that broke off.
        TakenOverAsRead => Code::tokens(SHARED, "resume_batch", r#"when_equal("nonce", broken_off)"#),
        /// And only while it is not accepted.
        TakenOverWhileRecording => {
            Code::tokens(SHARED, "resume_batch", r#"when_equal("state", BatchState::Recording)"#)
        },
        /// While the first request may still be running, another with its key is answered 409.
        InProgress => Code::tokens(SHARED, "Batch::broke_off", "now >= self.recording_since.plus(REQUEST_ENDED)"),
        /// Recipients whose messages an earlier request recorded are not checked again.
        RecordedIsKept => Code::Mutation("recorded-recipients-are-kept"),
        /// A request is not refused while messages of its batch are recorded.
        NotRefusedIfRecorded => Code::Mutation("recorded-batch-is-not-refused"),
        /// A message is recorded only where there is none.
        InsertIfAbsent => Code::tokens(SHARED, "MessageRepository::insert", r#""attribute_not_exists(id)""#),
        /// A request recognises its own record, the response to whose insert was lost, by the nonce.
        OwnInsert => Code::Mutation("own-put-recognised"),
        /// A record is withdrawn only while it was never attempted, nor cancelled.
        WithdrawUntouched => Code::tokens(
            SHARED,
            "MessageRepository::withdraw",
            r##""#rank = :none AND attempt = :none AND nonce = :nonce""##,
        ),
        /// A batch is accepted only as it was read: for the request that records it.
        AcceptedAsRead => Code::tokens(SHARED, "accept_batch", r#"when_equal("nonce", &batch.nonce)"#),
        /// And only once.
        AcceptedOnce => Code::tokens(SHARED, "accept_batch", r#"when_equal("state", BatchState::Recording)"#),
        /// With its acceptance it is open to `settle`.
        OpenedWithAcceptance => Code::tokens(SHARED, "accept_batch", "self.put_in_transaction(open.key(), &open)?"),
        /// An erased message leaves a tombstone, under whose id nothing is inserted.
        Tombstone => Code::Mutation("erasure-leaves-tombstone"),
        /// And that has the nonce of its request.
        TombstoneNonce => Code::tokens(SHARED, "Tombstone::new", "nonce: message.nonce.clone()"),
        /// A charge is refunded only while it is reserved.
        RefundedOnce => Code::tokens(SHARED, "settle_reservation", "when_present(reservation)"),
        /// `settle` checks the reservations of batches.
        SettleReservations => Code::function(SETTLE, "batch_reservations::resolve"),
        /// But not while their requests may still be running.
        RequestEnded => Code::tokens(SETTLE, "reservations::resolve", "now < reservation.at.plus(REQUEST_ENDED)"),
        /// It refunds what is not recorded, and no more.
        RefundsTheRest => Code::Mutation("batch-refunds-what-is-not-recorded"),
        /// It counts the messages of the reservation's own charge.
        ByNonce => {
            Code::tokens(SETTLE, "batch_reservations::find", "charge_nonce(&nonce_of_row) == Some(nonce)")
        },
        /// It accepts a batch of which something is recorded.
        AcceptsBrokenOff => Code::Mutation("batch-that-broke-off-is-accepted"),
        /// But not one that another request records.
        AcceptsItsOwn => Code::tokens(SETTLE, "batch_reservations::resolve", "batch.nonce == reservation.nonce"),
        /// And only then it ends the reservation.
        AcceptThenEnd => Code::tokens(
            SETTLE,
            "batch_reservations::resolve",
            "settler.ledger.settle_reservation(account, &reservation.attribute, refunded).await?",
        ),
        /// A batch is complete when none of its messages may be sent any more.
        NothingLeft => Code::tokens(SETTLE, "look_at", "message.status.may_be_sent()"),
        /// It becomes complete once.
        CompletedOnce => Code::tokens(SHARED, "complete_batch", r#"when_absent("completedAt")"#),
    }
}
