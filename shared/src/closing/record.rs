//! What closing an account still needs, and its beginning and end.

use std::time::Duration;

use serde::Deserialize;

use crate::account::creations;
use crate::account::{AccountClosing, ClosedAccount};
use crate::aws::{AccountsTable, CLOSING, ItemKey, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::AccountId;
use crate::ledger::LedgerItem;

/// How long after everything that acts for an account was ended a process may still act on what it read before: an API key is
/// cached for 60 seconds and an instance for 30, a request of `media`, the longest, takes 120 more (template.yaml).
pub const UNTIL_UNUSED: Duration = Duration::from_secs(200);

/// The attribute of an account that says that it is closing.
const ACCOUNT_CLOSING: &str = "closing";

/// What closing an account still needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Closing {
    /// When it began.
    pub since: Timestamp,
    /// When something that acts for the account was last ended: afterwards nothing was found. Absent until everything is ended.
    pub stopped_at: Option<Timestamp>,
    /// Messages that were deleted.
    #[serde(default)]
    pub messages_deleted: u64,
    /// Messages that may still be sent, or whose outcome is not known, at the last look: they end by themselves, within a day.
    #[serde(default)]
    pub messages_in_progress: u64,
    /// Whether only what is not a message is left.
    #[serde(default)]
    pub is_without_messages: bool,
}

impl AccountsTable {
    /// Begins to close an account: its keys are no longer accepted, and nothing is created in it any more. `false` when it is closing
    /// or closed already, or does not exist.
    pub async fn begin_closing(&self, account: &AccountId, now: Timestamp) -> Result<bool, TableError> {
        let begun = AccountClosing { since: now, closed: None };
        let account_item = UpdateBuilder::new().set(ACCOUNT_CLOSING, begun).when_present("name");
        let account_item = account_item.when_absent(ACCOUNT_CLOSING);
        let work = UpdateBuilder::new().set("kind", CLOSING).set("since", now);
        let writes = vec![
            self.update_in_transaction(ItemKey::account(account), &account_item),
            self.update_in_transaction(ItemKey::creations(account), &creations::closed()),
            self.update_in_transaction(ItemKey::closing(account), &work),
        ];
        Ok(self.transact(writes).await?.is_applied())
    }

    /// What closing an account still needs; none when it is open or closed.
    pub async fn closing(&self, account: &AccountId) -> Result<Option<Closing>, TableError> {
        self.get(ItemKey::closing(account)).await
    }

    /// The accounts that are closing. Eventually consistent.
    pub async fn closing_accounts(&self) -> Result<Vec<AccountId>, TableError> {
        Ok(self.ids_by_kind(CLOSING, None, None).await?.0)
    }

    /// Notes that everything which acts for the account was found to be ended; `again` when something had to be ended for it.
    pub(super) async fn note_stopped(
        &self,
        account: &AccountId,
        now: Timestamp,
        again: bool,
    ) -> Result<(), TableError> {
        let noted = UpdateBuilder::new().when_present("since");
        let noted = if again { noted.set("stoppedAt", now) } else { noted.set_once("stoppedAt", now) };
        self.update(ItemKey::closing(account), &noted).await.map(drop)
    }

    /// Counts messages that were deleted.
    pub async fn count_deleted(&self, account: &AccountId, messages: usize) -> Result<(), TableError> {
        let count = i64::try_from(messages).unwrap_or(i64::MAX);
        let counted = UpdateBuilder::new().add("messagesDeleted", count).when_present("since");
        self.update(ItemKey::closing(account), &counted).await.map(drop)
    }

    /// Notes how many messages a look at all of them left; with none, only other data is to be deleted.
    pub async fn note_left(&self, account: &AccountId, in_progress: usize, is_empty: bool) -> Result<(), TableError> {
        let noted = UpdateBuilder::new().set("messagesInProgress", in_progress).set("isWithoutMessages", is_empty);
        self.update(ItemKey::closing(account), &noted.when_present("since")).await.map(drop)
    }

    /// Ends the closing of an account whose data is deleted: what is kept of it is written, and its ledger deleted.
    pub async fn finish_closing(
        &self,
        account: &AccountId,
        closing: &Closing,
        ledger: Option<&LedgerItem>,
        now: Timestamp,
    ) -> Result<(), TableError> {
        let credits = ledger.map_or(0, |ledger| ledger.credits);
        let closed = ClosedAccount { at: now, credits, messages_deleted: closing.messages_deleted };
        let closed = AccountClosing { since: closing.since, closed: Some(closed) };
        let kept = UpdateBuilder::new().set(ACCOUNT_CLOSING, closed).when_present(ACCOUNT_CLOSING);
        let still_closing = UpdateBuilder::new().when_present("since");
        let writes = vec![
            self.delete_in_transaction_when(ItemKey::closing(account), &still_closing),
            self.update_in_transaction(ItemKey::account(account), &kept),
            self.delete_in_transaction(ItemKey::ledger(account)),
        ];
        self.transact(writes).await.map(drop)
    }
}
