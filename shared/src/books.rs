//! Bookkeeping: a message that ends failed gives its credit back, and one that WhatsApp then delivers all the same takes
//! it again. Record and meter change together or not at all, so that credits stay exact through any crash.
//!
//! `refunded` on the record says which side of the book it is on, so that nothing is given back or taken twice.

use crate::account_table::AccountTable;
use crate::change::Change;
use crate::conditional_write::TableError;
use crate::ids::{AccountId, MessageId};
use crate::message_table::{Billed, MessageTable};

/// The record's attribute while its credit has been given back.
pub const REFUNDED: &str = "refunded";

/// Messages and meters.
#[derive(Clone, Debug)]
pub struct Books {
    /// The records.
    pub messages: MessageTable,
    /// The meters.
    pub accounts: AccountTable,
}

impl Books {
    /// Applies a change that makes a message failed, and gives its credit back.
    pub async fn fail(&self, account: &AccountId, id: &MessageId, change: Change) -> Result<Billed, TableError> {
        let change = change.set(REFUNDED, true).when_absent(REFUNDED);
        self.messages.change_and_credit(&self.accounts, account, 1, id, change).await
    }

    /// Applies a change that takes a failed message back, with its time and reason, and charges it again; below 0 if need be, so that the next
    /// charge is refused.
    pub async fn revive(&self, account: &AccountId, id: &MessageId, change: Change) -> Result<Billed, TableError> {
        let change = change.remove(REFUNDED).remove("failedAt").remove("error").when_present(REFUNDED);
        self.messages.change_and_credit(&self.accounts, account, -1, id, change).await
    }
}
