//! What lies in the table of accounts, by name: accounts, meters, keys, instances, webhooks.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Update};
use serde::Serialize;

use crate::account::{Account, ApiKey, KeyListing};
use crate::account_key::ItemKey;
use crate::account_table::AccountTable;
use crate::api_key::KeyHash;
use crate::change::{Change, Item};
use crate::clock::{self, Timestamp};
use crate::conditional_write::{TableError, Updated};
use crate::ids::{AccountId, InstanceId, WebhookId};
use crate::instance::{Connection, Instance, NumberOwner};
use crate::meter::{self, Meter};
use crate::webhook::Webhook;

impl AccountTable {
    /// An account.
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>, TableError> {
        self.get(ItemKey::account(id)).await
    }

    /// An instance of this account.
    pub async fn instance(&self, account: &AccountId, id: &InstanceId) -> Result<Option<Instance>, TableError> {
        self.get(ItemKey::instance(account, id)).await
    }

    /// A webhook of this account.
    pub async fn webhook(&self, account: &AccountId, id: &WebhookId) -> Result<Option<Webhook>, TableError> {
        self.get(ItemKey::webhook(account, id)).await
    }

    /// The operator's webhook for this account.
    pub async fn operator_webhook(&self, account: &AccountId) -> Result<Option<Webhook>, TableError> {
        self.get(ItemKey::operator_webhook(account)).await
    }

    /// All instances of this account.
    pub async fn instances(&self, account: &AccountId) -> Result<Vec<Instance>, TableError> {
        self.all(account.as_str(), InstanceId::PREFIX).await
    }

    /// All webhooks of this account.
    pub async fn webhooks(&self, account: &AccountId) -> Result<Vec<Webhook>, TableError> {
        self.all(account.as_str(), WebhookId::PREFIX).await
    }

    /// Writes an account.
    pub async fn put_account(&self, account: &Account) -> Result<(), TableError> {
        #[derive(Serialize)]
        struct Listed<'a> {
            kind: &'static str,
            #[serde(flatten)]
            account: &'a Account,
        }
        self.put(ItemKey::account(&account.id), &Listed { kind: "account", account }).await
    }

    /// Gives an account a meter with credits, unless it has one.
    pub async fn open_meter(&self, account: &AccountId, credits: i64) -> Result<(), TableError> {
        let change = Change::new().set("credits", credits).set("kind", meter::SORT_KEY).when_absent("credits");
        self.change_meter(account, &change).await.map(drop)
    }

    /// Writes a key under its hash and into its account's list, both or neither.
    pub async fn put_key(&self, hash: &KeyHash, key: &ApiKey) -> Result<(), TableError> {
        let listing = KeyListing { key: key.clone(), hash: hash.as_str().to_owned() };
        let writes = vec![
            self.put_in_transaction(ItemKey::key(hash), key, None)?,
            self.put_in_transaction(ItemKey::listed_key(&key.account_id, &key.id), &listing, None)?,
        ];
        self.transact(writes).await.map(drop)
    }

    /// Writes an instance.
    pub async fn put_instance(&self, instance: &Instance) -> Result<(), TableError> {
        self.put(ItemKey::instance(&instance.account_id, &instance.id), instance).await
    }

    /// Disconnects an instance whose token or number WhatsApp takes no more: this connection of it, not a later one. Its
    /// number stays bound to it, so that a connect with a new token brings it back. `false` when it was done before.
    pub async fn disconnect(&self, instance: &Instance, reason: &str) -> Result<bool, TableError> {
        let change = Change::new()
            .set("status", Connection::Disconnected)
            .set("disconnectedAt", clock::now())
            .set("disconnectReason", reason)
            .when_equal("status", Connection::Connected);
        let change = match instance.connected_at {
            Some(at) => change.when_equal("connectedAt", at),
            None => change.when_absent("connectedAt"),
        };
        let key = ItemKey::instance(&instance.account_id, &instance.id);
        Ok(matches!(self.change(key, &change).await?, Updated::Done(_)))
    }

    /// Which instance a number belongs to, by WhatsApp's id of it.
    pub async fn number_owner(&self, number_id: &str) -> Result<Option<NumberOwner>, TableError> {
        self.get(ItemKey::number(number_id)).await
    }

    /// Notes that a number's callbacks come. Nothing is noted of a number that is nobody's.
    pub async fn note_heard(&self, number_id: &str, at: Timestamp) -> Result<(), TableError> {
        let change = Change::new().set("heardAt", at).when_present("instanceId");
        self.change(ItemKey::number(number_id), &change).await.map(drop)
    }

    /// Holds an instance until a time: all of its messages wait. `false` when it is held for as long already.
    pub async fn hold(&self, instance: &Instance, until: Timestamp, code: i64) -> Result<bool, TableError> {
        let change = Change::new()
            .set("holdUntil", until)
            .set("holdCode", code)
            .when_equal("status", Connection::Connected)
            .when_absent_or_at_most("holdUntil", until);
        let key = ItemKey::instance(&instance.account_id, &instance.id);
        Ok(matches!(self.change(key, &change).await?, Updated::Done(_)))
    }

    /// Writes a webhook.
    pub async fn put_webhook(&self, webhook: &Webhook) -> Result<(), TableError> {
        self.put(webhook.key(), webhook).await
    }

    /// Removes a webhook.
    pub async fn delete_webhook(&self, account: &AccountId, id: &WebhookId) -> Result<(), TableError> {
        self.delete(ItemKey::webhook(account, id)).await
    }

    /// An account's meter, as the last write left it.
    pub async fn meter(&self, account: &AccountId) -> Result<Option<Meter>, TableError> {
        let key: Item = ItemKey::meter(account).into();
        let request = self.client.get_item().table_name(&self.name).set_key(Some(key)).consistent_read(true);
        let answer = request.send().await.map_err(TableError::unavailable)?;
        Ok(answer.item.as_ref().map(Meter::of_item))
    }

    /// All meters, with their accounts.
    pub async fn meters(&self) -> Result<Vec<(AccountId, Meter)>, TableError> {
        let keys = self.list(meter::SORT_KEY, None, None).await?.0;
        let mut meters = Vec::new();
        for account in keys {
            meters.extend(self.meter(&account).await?.map(|meter| (account, meter)));
        }
        Ok(meters)
    }

    /// The accounts that have an item of a kind, in the order of their ids, after `after`, at most `most`; and whether
    /// there are more.
    pub async fn list(
        &self,
        kind: &str,
        after: Option<&AccountId>,
        most: Option<usize>,
    ) -> Result<(Vec<AccountId>, bool), TableError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let start = after.map(|id| {
            HashMap::from(
                [("kind", kind), ("pk", id.as_str()), ("sk", kind)].map(|(name, value)| (name.to_owned(), text(value))),
            )
        });
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("byKind")
            .key_condition_expression("kind = :kind")
            .expression_attribute_values(":kind", text(kind))
            .set_exclusive_start_key(start)
            .into_paginator()
            .items()
            .send();
        let mut accounts = Vec::new();
        while let Some(item) = pages.try_next().await.map_err(TableError::unavailable)? {
            if most.is_some_and(|most| accounts.len() == most) {
                return Ok((accounts, true));
            }
            accounts.extend(item.get("pk").and_then(|pk| pk.as_s().ok()?.parse().ok()));
        }
        Ok((accounts, false))
    }

    /// Gives a charge back, if it is still reserved: once, however often it is asked for.
    pub async fn give_back(&self, account: &AccountId, nonce: &str) -> Result<(), TableError> {
        let reservation = meter::of_reservation(nonce);
        let change = Change::new().add("credits", 1).remove(&reservation).when_present(&reservation);
        self.change_meter(account, &change).await.map(drop)
    }

    /// Changes an account's meter.
    pub async fn change_meter(&self, account: &AccountId, change: &Change) -> Result<Updated, TableError> {
        self.change(ItemKey::meter(account), change).await
    }

    /// A change of an account's meter as a part of a transaction.
    pub fn meter_in_transaction(&self, account: &AccountId, change: &Change) -> Update {
        self.update_of(ItemKey::meter(account), change)
    }
}
