//! The functions of the code that the model's steps represent.

use strum::VariantArray;

use crate::code::Code;

/// A part of the code that the model contains.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, VariantArray)]
#[expect(missing_docs, reason = "`code` says which function each is")]
pub enum Part {
    Connect,
    Disconnect,
    DisconnectRefused,
    Delete,
    Free,
    CurrentOwner,
    StoreMessage,
}

impl Part {
    /// Its function.
    pub const fn code(self) -> Code {
        match self {
            Self::Connect => Code::function(SHARED, "AccountsTable::connect"),
            Self::Disconnect => Code::function(SHARED, "AccountsTable::disconnect"),
            Self::DisconnectRefused => Code::function(SHARED, "AccountsTable::disconnect_refused"),
            Self::Delete => Code::function(SHARED, "AccountsTable::delete_instance"),
            Self::Free => Code::function(SHARED, "AccountsTable::transact_and_free"),
            Self::CurrentOwner => Code::function(RECEIVE, "Receiver::current_owner"),
            Self::StoreMessage => Code::function(RECEIVE, "Receiver::store_message"),
        }
    }
}

const RECEIVE: &str = "functions/receive";
const SHARED: &str = "shared";
