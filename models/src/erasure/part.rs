//! The functions of the code that the model's steps represent.

use strum::VariantArray;

use crate::code::Code;

/// A part of the code that the model contains.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
#[expect(missing_docs, reason = "`code` says which function each is")]
pub enum Part {
    MarkWebhooks,
    EraseOnce,
    Cancel,
    Erase,
    FailReported,
    StoreMessage,
    ReservationOutcome,
    SettleReservation,
    IsErased,
    AfterFailure,
    Redact,
    RedactLogs,
}

impl Part {
    /// Its function.
    pub const fn code(self) -> Code {
        match self {
            Self::MarkWebhooks => Code::function(SHARED, "AccountsTable::check_erasure"),
            Self::EraseOnce => Code::function(MANAGE, "Erasure::erase_once"),
            Self::Cancel => Code::function(SHARED, "Transitions::cancel"),
            Self::Erase => Code::function(SHARED, "MessageRepository::erase"),
            Self::FailReported => Code::function(SHARED, "Transitions::fail_reported"),
            Self::StoreMessage => Code::function(RECEIVE, "Receiver::store_message"),
            Self::ReservationOutcome => Code::function(SHARED, "ReservationOutcome::read"),
            Self::SettleReservation => Code::function("functions/settle", "reservations::settle_one"),
            Self::IsErased => Code::function(NOTIFY, "Dispatcher::is_erased"),
            Self::AfterFailure => Code::function(NOTIFY, "Dispatcher::after_failure"),
            Self::Redact => Code::function(NOTIFY, "stream_batch::redact"),
            Self::RedactLogs => Code::function(SHARED, "AccountsTable::redact_logs"),
        }
    }
}

const MANAGE: &str = "functions/manage";
const NOTIFY: &str = "functions/notify";
const RECEIVE: &str = "functions/receive";
const SHARED: &str = "shared";
