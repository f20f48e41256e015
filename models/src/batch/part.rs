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
        Decide => Code::function(SEND, "repeats::decide"),
        CheckRows => Code::function(SEND, "Sender::check_rows"),
        StoredRows => Code::function(SHARED, "Batch::stored_rows"),
        Charge => Code::function(SHARED, "Charger::charge"),
        Complete => Code::function(SHARED, "Charger::complete"),
        Begin => Code::function(SHARED, "AccountsTable::begin_batch"),
        Resume => Code::function(SHARED, "AccountsTable::resume_batch"),
        RecordRow => Code::function(SEND, "Sender::record_row"),
        Withdraw => Code::function(SHARED, "MessageRepository::withdraw"),
        Accept => Code::function(SHARED, "AccountsTable::accept_batch"),
        EndCharge => Code::function(SEND, "Sender::end_charge"),
        SettleReservation => Code::function(SHARED, "Ledger::settle_reservation"),
        Settle => Code::function(SETTLE, "batch_reservations::resolve"),
        SettlesFind => Code::function(SETTLE, "batch_reservations::find"),
        SettlesAccept => Code::function(SETTLE, "batch_reservations::accept"),
        Cancel => Code::function(SHARED, "Transitions::cancel"),
        Erase => Code::function(SHARED, "MessageRepository::erase"),
        Deliver => Code::function(DELIVER, "Deliverer::attempt"),
        Look => Code::function(SETTLE, "look_at"),
        CompleteBatch => Code::function(SHARED, "AccountsTable::complete_batch"),
    }
}
