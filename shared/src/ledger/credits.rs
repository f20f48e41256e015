//! An account's credits: opened, granted, refunded, and charged again. The charge itself is in `charge`.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};

use crate::aws::{AccountsTable, ConditionalWrite, FORGET_AT, Item, ItemKey, LEDGER, TableError, UpdateBuilder};
use crate::clock::{self, Timestamp};
use crate::ids::{AccountId, MessageId};
use crate::ledger::ledger_item::{CREDITS, LedgerItem};
use crate::ledger::reservation::RESERVATIONS;

/// How long a table can be restored to a moment: 35 days (DynamoDB, point-in-time recovery), and one more.
pub const RESTORABLE: Duration = Duration::from_secs(36 * 24 * 60 * 60);
/// The attribute of the note that a message's credit was refunded.
pub const REFUND_NOTED: &str = "refunded";

/// What became of a grant of credits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Grant {
    /// It was made.
    Granted,
    /// An earlier request with the same Idempotency-Key has made it.
    Repeated,
    /// The balance would fall below 0.
    TooFew,
}

/// Reads and writes accounts' ledgers.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(crate) accounts: AccountsTable,
}

impl Ledger {
    /// The ledgers in this table.
    pub const fn new(accounts: AccountsTable) -> Self {
        Self { accounts }
    }

    /// Opens an account's ledger with credits, unless it has one.
    pub async fn open(&self, account: &AccountId, credits: i64) -> Result<(), TableError> {
        let open = UpdateBuilder::new().set(CREDITS, credits).set("kind", LEDGER).when_absent(CREDITS);
        let open = open.set_value(RESERVATIONS, AttributeValue::M(Item::new()));
        self.accounts.update(ItemKey::ledger(account), &open).await.map(drop)
    }

    /// An account's ledger, strongly consistent.
    pub async fn read(&self, account: &AccountId) -> Result<Option<LedgerItem>, TableError> {
        self.read_item(ItemKey::ledger(account)).await
    }

    /// A ledger, or an instance's slots in an item of their own, strongly consistent.
    pub(super) async fn read_item(&self, key: ItemKey) -> Result<Option<LedgerItem>, TableError> {
        let request = self.accounts.client.get_item().table_name(&self.accounts.name);
        let response = request.set_key(Some(key.into())).consistent_read(true).send().await;
        Ok(response.map_err(TableError::unavailable)?.item.as_ref().map(LedgerItem::from_item))
    }

    /// Grants credits; a negative amount removes them. `done` notes that with the request's Idempotency-Key, if it has one.
    ///
    /// A transaction even of one write, since an addition must not be applied twice when its response is lost and the SDK
    /// retries: DynamoDB identifies the transaction by its client token.
    pub async fn grant(
        &self,
        account: &AccountId,
        amount: i64,
        done: Option<TransactWriteItem>,
    ) -> Result<Grant, TableError> {
        let grant = UpdateBuilder::new().add(CREDITS, amount);
        let grant = if amount < 0 { grant.when_at_least(CREDITS, -amount) } else { grant.when_present(CREDITS) };
        let notes = usize::from(done.is_some());
        let write = self.accounts.update_in_transaction(ItemKey::ledger(account), &grant);
        let granted = self.accounts.transact(done.into_iter().chain([write]).collect()).await?;
        Ok(match granted {
            ConditionalWrite::Applied(()) => Grant::Granted,
            ConditionalWrite::Refused(refused) if refused.position < notes => Grant::Repeated,
            ConditionalWrite::Refused(_) => Grant::TooFew,
        })
    }

    /// Refunds a charge that is still reserved: once, however often it is called.
    pub async fn refund_reservation(&self, account: &AccountId, reservation: &str) -> Result<(), TableError> {
        self.settle_reservation(account, reservation, 1).await
    }

    /// Ends a reservation and refunds so many of its credits: once, however often it is called.
    pub async fn settle_reservation(
        &self,
        account: &AccountId,
        reservation: &str,
        refunded: u16,
    ) -> Result<(), TableError> {
        let settled = UpdateBuilder::new().remove(reservation).when_present(reservation);
        let settled = if refunded == 0 { settled } else { settled.add(CREDITS, i64::from(refunded)) };
        self.accounts.update(ItemKey::ledger(account), &settled).await.map(drop)
    }

    /// Removes a reservation whose charge is kept.
    pub async fn release_reservation(&self, account: &AccountId, reservation: &str) -> Result<(), TableError> {
        self.settle_reservation(account, reservation, 0).await
    }

    /// Refunds the credits of messages that end failed: part of the transaction that writes their failures.
    pub(crate) fn refund(&self, account: &AccountId, messages: &[MessageId]) -> Vec<TransactWriteItem> {
        self.correct(account, 1, messages, &refund_note(clock::now()))
    }

    /// Charges again for a failed message that WhatsApp delivered after all: part of the transaction that recovers it. The
    /// balance may fall below 0; then the next charge is refused.
    pub(crate) fn recharge(&self, account: &AccountId, message: &MessageId) -> Vec<TransactWriteItem> {
        self.correct(account, -1, std::slice::from_ref(message), &UpdateBuilder::new().remove(REFUND_NOTED))
    }

    /// Corrects the ledger by so many credits for each message. The first write is refused for an account that has no ledger
    /// any more.
    fn correct(
        &self,
        account: &AccountId,
        credits: i64,
        messages: &[MessageId],
        note: &UpdateBuilder,
    ) -> Vec<TransactWriteItem> {
        let total = credits.saturating_mul(i64::try_from(messages.len()).unwrap_or(i64::MAX));
        let correction = UpdateBuilder::new().add(CREDITS, total).when_present(CREDITS);
        let ledger = self.accounts.update_in_transaction(ItemKey::ledger(account), &correction);
        let notes = messages.iter().map(|id| self.accounts.update_in_transaction(ItemKey::refund(account, id), note));
        std::iter::once(ledger).chain(notes).collect()
    }
}

/// Notes in an item of its own that a message's credit was refunded, so that a restore of the message does not refund it
/// again. It is kept as long as a backup can be restored.
pub fn refund_note(now: Timestamp) -> UpdateBuilder {
    UpdateBuilder::new().set(REFUND_NOTED, true).set(FORGET_AT, now.plus(RESTORABLE).secs())
}
