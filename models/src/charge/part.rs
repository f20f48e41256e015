//! The functions of the code that the model's steps represent.

use crate::code::{Code, in_code};

const DELIVER: &str = "functions/deliver";
const SEND: &str = "functions/send";
const SETTLE: &str = "functions/settle";
const SHARED: &str = "shared";

in_code! {
    /// A part of the code that the model contains.
    #[expect(missing_docs, reason = "each stands beside its function")]
    pub enum Part {
        Find => Code::function(SEND, "Sender::find"),
        Charge => Code::function(SHARED, "Charger::charge"),
        Complete => Code::function(SHARED, "Charger::complete"),
        Accept => Code::function(SEND, "Sender::record_and_enqueue"),
        Insert => Code::function(SHARED, "MessageRepository::insert"),
        Enqueue => Code::function(SHARED, "DeliveryQueues::enqueue"),
        WithdrawAndRefund => Code::function(SEND, "Sender::withdraw"),
        Withdraw => Code::function(SHARED, "MessageRepository::withdraw"),
        RefundReservation => Code::function(SHARED, "Ledger::refund_reservation"),
        Replay => Code::function(SEND, "Sender::replay"),
        ReplayDecision => Code::function(SEND, "IdempotentRequest::decide"),
        Cancel => Code::function(SHARED, "Transitions::cancel"),
        ReservationOutcome => Code::function(SHARED, "ReservationOutcome::read"),
        ResolveReservation => Code::function(SETTLE, "reservations::resolve"),
        ReleaseReservation => Code::function(SHARED, "Ledger::release_reservation"),
        Deliver => Code::function(DELIVER, "Deliverer::attempt"),
        MovedBack => Code::function(SETTLE, "moved_back::enqueue_if_queued"),
        Resolve => Code::function(DELIVER, "Deliverer::resolve"),
    }
}
