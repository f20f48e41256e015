//! The functions of the code that the model's steps represent.

use strum::VariantArray;

use crate::code::Code;

/// A part of the code that the model contains.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
#[expect(missing_docs, reason = "`code` says which function each is")]
pub enum Part {
    Find,
    Charge,
    Complete,
    Record,
    Insert,
    Enqueue,
    WithdrawAndRefund,
    Withdraw,
    RefundReservation,
    Replay,
    ReplayDecision,
    Cancel,
    ReservationOutcome,
    SettleOne,
    ReleaseReservation,
    Deliver,
}

impl Part {
    /// Its function.
    pub const fn code(self) -> Code {
        match self {
            Self::Find => Code::function(SEND, "Sender::find"),
            Self::Charge => Code::function(SHARED, "Charger::charge"),
            Self::Complete => Code::function(SHARED, "Charger::complete"),
            Self::Record => Code::function(SEND, "Sender::record"),
            Self::Insert => Code::function(SHARED, "MessageRepository::insert"),
            Self::Enqueue => Code::function(SEND, "Sender::enqueue"),
            Self::WithdrawAndRefund => Code::function(SEND, "Sender::withdraw"),
            Self::Withdraw => Code::function(SHARED, "MessageRepository::withdraw"),
            Self::RefundReservation => Code::function(SHARED, "Ledger::refund_reservation"),
            Self::Replay => Code::function(SEND, "Sender::replay"),
            Self::ReplayDecision => Code::function(SEND, "IdempotentRequest::decide"),
            Self::Cancel => Code::function(SHARED, "Transitions::cancel"),
            Self::ReservationOutcome => Code::function(SHARED, "ReservationOutcome::read"),
            Self::SettleOne => Code::function(SETTLE, "reservations::settle_one"),
            Self::ReleaseReservation => Code::function(SHARED, "Ledger::release_reservation"),
            Self::Deliver => Code::function(DELIVER, "Deliverer::attempt"),
        }
    }
}

const DELIVER: &str = "functions/deliver";
const SEND: &str = "functions/send";
const SETTLE: &str = "functions/settle";
const SHARED: &str = "shared";
