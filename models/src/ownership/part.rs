//! The functions of the code that the model's steps represent.

use crate::code::{Code, in_code};

const RECEIVE: &str = "functions/receive";
const SHARED: &str = "shared";

in_code! {
    /// A part of the code that the model contains.
    #[expect(missing_docs, reason = "each stands beside its function")]
    pub enum Part {
        Connect => Code::function(SHARED, "AccountsTable::connect"),
        Disconnect => Code::function(SHARED, "AccountsTable::disconnect"),
        DisconnectRefused => Code::function(SHARED, "AccountsTable::disconnect_refused"),
        Delete => Code::function(SHARED, "AccountsTable::delete_instance"),
        Free => Code::function(SHARED, "AccountsTable::transact_and_free"),
        CurrentOwner => Code::function(RECEIVE, "Receiver::current_owner"),
        StoreMessage => Code::function(RECEIVE, "Receiver::store_message"),
    }
}
