//! An account's credits: opened, granted, refunded, and charged again. The charge itself is in `charge`.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};

use crate::aws::{AccountsTable, ConditionalWrite, Item, ItemKey, LEDGER, RefusedWrite, TableError, UpdateBuilder};
use crate::ids::AccountId;
use crate::ledger::ledger_item::{CREDITS, LedgerItem};
use crate::ledger::reservation::RESERVATIONS;

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
        let key: Item = ItemKey::ledger(account).into();
        let request = self.accounts.client.get_item().table_name(&self.accounts.name);
        let response = request.set_key(Some(key)).consistent_read(true).send().await;
        Ok(response.map_err(TableError::unavailable)?.item.as_ref().map(LedgerItem::from_item))
    }

    /// The accounts that have a ledger.
    pub async fn accounts(&self) -> Result<Vec<AccountId>, TableError> {
        self.accounts.ids_by_kind(LEDGER, None, None).await.map(|(accounts, _)| accounts)
    }

    /// Grants credits; a negative amount removes them. Refused when the balance would fall below 0.
    ///
    /// A transaction of one write, since an addition must not be applied twice when its response is lost and the SDK
    /// retries: DynamoDB identifies the transaction by its client token.
    pub async fn grant(
        &self,
        account: &AccountId,
        amount: i64,
    ) -> Result<ConditionalWrite<(), RefusedWrite>, TableError> {
        let grant = UpdateBuilder::new().add(CREDITS, amount);
        let grant = if amount < 0 { grant.when_at_least(CREDITS, -amount) } else { grant.when_present(CREDITS) };
        let write = self.accounts.update_in_transaction(ItemKey::ledger(account), &grant);
        self.accounts.transact(vec![write]).await
    }

    /// Refunds a charge that is still reserved: once, however often it is called.
    pub async fn refund_reservation(&self, account: &AccountId, reservation: &str) -> Result<(), TableError> {
        let refund = UpdateBuilder::new().add(CREDITS, 1).remove(reservation).when_present(reservation);
        self.accounts.update(ItemKey::ledger(account), &refund).await.map(drop)
    }

    /// Removes a reservation whose charge is kept.
    pub async fn release_reservation(&self, account: &AccountId, reservation: &str) -> Result<(), TableError> {
        let release = UpdateBuilder::new().remove(reservation).when_present(reservation);
        self.accounts.update(ItemKey::ledger(account), &release).await.map(drop)
    }

    /// Refunds the credit of a message that ends failed: part of the transaction that writes the failure.
    pub(crate) fn refund(&self, account: &AccountId) -> TransactWriteItem {
        self.correct(account, 1)
    }

    /// Charges again for a failed message that WhatsApp delivered after all: part of the transaction that recovers it. The
    /// balance may fall below 0; then the next charge is refused.
    pub(crate) fn recharge(&self, account: &AccountId) -> TransactWriteItem {
        self.correct(account, -1)
    }

    /// Refused for an account that has no ledger any more.
    fn correct(&self, account: &AccountId, credits: i64) -> TransactWriteItem {
        let correction = UpdateBuilder::new().add(CREDITS, credits).when_present(CREDITS);
        self.accounts.update_in_transaction(ItemKey::ledger(account), &correction)
    }
}
