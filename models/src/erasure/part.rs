//! The functions of the code that the model's steps represent.

use crate::code::{Code, in_code};

const MANAGE: &str = "functions/manage";
const NOTIFY: &str = "functions/notify";
const RECEIVE: &str = "functions/receive";
const SHARED: &str = "shared";

in_code! {
    /// A part of the code that the model contains.
    #[expect(missing_docs, reason = "each stands beside its function")]
    pub enum Part {
        MarkWebhooks => Code::function(SHARED, "AccountsTable::check_erasure"),
        EraseOnce => Code::function(MANAGE, "PersonErasure::erase_once"),
        Cancel => Code::function(SHARED, "Transitions::cancel"),
        Erase => Code::function(SHARED, "MessageRepository::erase"),
        FailReported => Code::function(SHARED, "Transitions::fail_reported"),
        StoreMessage => Code::function(RECEIVE, "Receiver::store_message"),
        ReservationOutcome => Code::function(SHARED, "ReservationOutcome::read"),
        ResolveReservation => Code::function("functions/settle", "reservations::resolve"),
        IsErased => Code::function(NOTIFY, "Dispatcher::is_erased"),
        AfterFailure => Code::function(NOTIFY, "Dispatcher::after_failure"),
        Redact => Code::function(NOTIFY, "stream_batch::redact"),
        RedactLogs => Code::function(SHARED, "AccountsTable::redact_logs"),
    }
}
