//! The version of what an account has created (the item `creations`): each creation that is bounded raises it, in the transaction
//! that creates. So of two at the same time, one has to count again with the other's. In an account that is closing it is closed, and
//! nothing is created any more.

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::Deserialize;

use crate::aws::conditional_write::until_applied;
use crate::aws::{AccountsTable, ConditionalWrite, ItemKey, RefusedWrite, TableError, UpdateBuilder};
use crate::ids::AccountId;

const VERSION: &str = "version";
const CLOSED: &str = "closed";

#[derive(Default, Deserialize)]
struct Creations {
    version: u64,
    #[serde(default)]
    closed: bool,
}

/// Ends the creations in an account: part of the transaction that begins to close it. One that is in progress is refused.
pub(crate) fn closed() -> UpdateBuilder {
    UpdateBuilder::new().add(VERSION, 1).set(CLOSED, true)
}

impl AccountsTable {
    /// Applies `writes`, which create something in an account, if `check` finds room for it and nothing else is created meanwhile:
    /// then it checks again. The writes may be refused by their own conditions.
    ///
    /// # Errors
    /// What `check` found; otherwise nothing was created, unless the table did not answer the transaction. Also when the account is
    /// closing.
    pub async fn create_within<E: From<TableError>, C: Future<Output = Result<(), E>>>(
        &self,
        account: &AccountId,
        check: impl Fn() -> C,
        writes: &[TransactWriteItem],
    ) -> Result<ConditionalWrite<(), RefusedWrite>, E> {
        let created = until_applied(|| async {
            let seen: Creations = self.get(ItemKey::creations(account)).await?.unwrap_or_default();
            if seen.closed {
                return Err(TableError::Conflict.into());
            }
            check().await?;
            let raise = UpdateBuilder::new().set(VERSION, seen.version + 1).when_absent_or_equal(VERSION, seen.version);
            let raise = raise.when_absent(CLOSED);
            let raise = self.update_in_transaction(ItemKey::creations(account), &raise);
            Ok::<_, E>(match self.transact([&[raise], writes].concat()).await? {
                ConditionalWrite::Applied(()) => Some(ConditionalWrite::Applied(())),
                ConditionalWrite::Refused(RefusedWrite { position: 0, .. }) => None,
                ConditionalWrite::Refused(RefusedWrite { position, item, .. }) => {
                    Some(ConditionalWrite::Refused(RefusedWrite { position: position - 1, item, others: Vec::new() }))
                }
            })
        });
        Ok(created.await?.ok_or(TableError::Conflict)?)
    }
}
