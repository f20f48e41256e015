//! Reads and writes of instances and of the owners of numbers in the table of accounts.

use secrecy::SecretString;
use serde_json::json;

use crate::aws::{AccountsTable, ConditionalWrite, ItemKey, RefusedWrite, TOMBSTONE, TableError, UpdateBuilder};
use crate::clock::{self, Timestamp};
use crate::ids::{AccountId, InstanceId, WebhookId};
use crate::instance::record::{ConnectionStatus, Instance, Number, NumberOwner};
use crate::json_text::JsonText;
use crate::observability::{Metric, metrics};
use crate::security::SecretCipher;
use crate::whatsapp::{GraphError, Reaction};

/// The result of connecting an instance.
#[derive(Debug)]
pub enum Connect {
    /// The instance is connected.
    Connected,
    /// The number is connected to another instance.
    NumberTaken,
    /// The instance is connected already.
    AlreadyConnected,
    /// The instance was deleted.
    Deleted,
}

/// What a customer changes of an instance; absent fields stay.
#[derive(Debug, Default)]
pub struct InstanceChanges {
    /// A new name.
    pub name: Option<String>,
    /// New settings.
    pub settings: Option<JsonText>,
    /// The webhook that belongs to it; `Some(None)` removes it.
    pub webhook_id: Option<Option<WebhookId>>,
}

impl AccountsTable {
    /// An instance of this account.
    pub async fn instance(&self, account: &AccountId, id: &InstanceId) -> Result<Option<Instance>, TableError> {
        self.get(ItemKey::instance(account, id)).await
    }

    /// All instances of this account.
    pub async fn instances(&self, account: &AccountId) -> Result<Vec<Instance>, TableError> {
        self.query(account.as_str(), InstanceId::PREFIX).await
    }

    /// The ids of this account's deleted instances whose messages may still be kept.
    pub async fn deleted_instances(&self, account: &AccountId) -> Result<Vec<InstanceId>, TableError> {
        #[derive(serde::Deserialize)]
        struct Tombstone {
            id: InstanceId,
        }
        let tombstones: Vec<Tombstone> = self.query(account.as_str(), TOMBSTONE).await?;
        Ok(tombstones.into_iter().map(|tombstone| tombstone.id).collect())
    }

    /// Writes an instance.
    pub async fn put_instance(&self, instance: &Instance) -> Result<(), TableError> {
        self.put(ItemKey::instance(&instance.account_id, &instance.id), instance).await
    }

    /// Changes an instance. `false` when it was deleted.
    pub async fn change_instance(&self, instance: &Instance, changes: InstanceChanges) -> Result<bool, TableError> {
        let update = UpdateBuilder::new()
            .set_some("name", changes.name)
            .set_some("settings", changes.settings)
            .when_present("pk");
        let update = match changes.webhook_id {
            Some(webhook) => update.set_or_remove("webhookId", webhook),
            None => update,
        };
        let key = ItemKey::instance(&instance.account_id, &instance.id);
        Ok(update.is_empty() || self.update(key, &update).await?.is_applied())
    }

    /// Connects an instance to a number and binds the number to it, both or neither. `app_secret` is that of the number's
    /// own Meta app.
    pub async fn connect(
        &self,
        instance: &Instance,
        number: &Number,
        app_secret: Option<(&SecretString, &SecretCipher)>,
    ) -> Result<Connect, TableError> {
        let encrypt = |(secret, cipher): (&SecretString, &SecretCipher)| {
            cipher.encrypt(secret, &NumberOwner::app_secret_aad(&number.id))
        };
        let owner = UpdateBuilder::new()
            .set("accountId", &instance.account_id)
            .set("instanceId", &instance.id)
            .set_or_remove("appSecret", app_secret.map(encrypt))
            .when_absent_or_equal("instanceId", &instance.id);
        let connected = UpdateBuilder::new()
            .set("status", ConnectionStatus::Connected)
            .set("connectedAt", clock::now())
            .set("number", number)
            .remove("disconnectReason")
            .remove("holdUntil")
            .remove("holdCode")
            .when_equal("status", ConnectionStatus::Disconnected);
        let mut writes = vec![
            self.update_in_transaction(ItemKey::number(&number.id), &owner),
            self.update_in_transaction(ItemKey::instance(&instance.account_id, &instance.id), &connected),
        ];
        // An instance whose token is no longer valid still owns the number that it had.
        let previous = instance.number.as_ref().filter(|previous| previous.id != number.id);
        writes.extend(previous.map(|previous| self.delete_in_transaction(ItemKey::number(&previous.id))));
        Ok(match self.transact(writes).await? {
            ConditionalWrite::Applied(()) => Connect::Connected,
            ConditionalWrite::Refused(RefusedWrite { position: 0, .. }) => Connect::NumberTaken,
            ConditionalWrite::Refused(RefusedWrite { item: None, .. }) => Connect::Deleted,
            ConditionalWrite::Refused(_) => Connect::AlreadyConnected,
        })
    }

    /// Disconnects an instance for its customer: its token is deleted and its number is free for another. `false` when it
    /// is not connected.
    pub async fn disconnect(
        &self,
        instance: &Instance,
        number: &Number,
        reason: Option<&str>,
    ) -> Result<bool, TableError> {
        let update = UpdateBuilder::new().remove("number").set_or_remove("disconnectReason", reason);
        let update = disconnected(update);
        let writes = vec![
            self.update_in_transaction(ItemKey::instance(&instance.account_id, &instance.id), &update),
            self.delete_in_transaction(ItemKey::number(&number.id)),
        ];
        Ok(self.transact(writes).await?.is_applied())
    }

    /// Disconnects an instance whose token or number WhatsApp refuses: this connection of it, not a later one. The number
    /// stays bound to it, so that a connect with a new token brings it back.
    pub async fn disconnect_refused(&self, instance: &Instance, error: &GraphError) -> Result<(), TableError> {
        let update = disconnected(UpdateBuilder::new().set("disconnectReason", error.failure().message));
        let update = match instance.connected_at {
            Some(at) => update.when_equal("connectedAt", at),
            None => update.when_absent("connectedAt"),
        };
        let key = ItemKey::instance(&instance.account_id, &instance.id);
        if self.update(key, &update).await?.is_applied() {
            metrics::count(Metric::InstancesStopped);
            tracing::error!(instance_id = %instance.id, code = error.code, "instance.disconnected");
        }
        Ok(())
    }

    /// Pauses an instance until a time, unless it is paused for as long already: all of its messages wait.
    pub async fn pause(&self, instance: &Instance, until: Timestamp, error: &GraphError) -> Result<(), TableError> {
        let update = UpdateBuilder::new()
            .set("holdUntil", until)
            .set("holdCode", error.code)
            .when_equal("status", ConnectionStatus::Connected)
            .when_absent_or_at_most("holdUntil", until);
        let key = ItemKey::instance(&instance.account_id, &instance.id);
        if self.update(key, &update).await?.is_applied() {
            if error.meaning().reaction == Reaction::PauseInstance {
                metrics::count(Metric::InstancesStopped);
            }
            let seconds = clock::now().until(until).as_secs();
            tracing::warn!(instance_id = %instance.id, code = error.code, seconds, "instance.paused");
        }
        Ok(())
    }

    /// Deletes an instance, frees its number, and leaves a tombstone, so that its messages can still be found and erased.
    pub async fn delete_instance(&self, instance: &Instance) -> Result<(), TableError> {
        let (account, id) = (&instance.account_id, &instance.id);
        let tombstone = json!({ "id": id, "createdAt": instance.created_at });
        let mut writes = vec![
            self.delete_in_transaction(ItemKey::instance(account, id)),
            self.put_in_transaction(ItemKey::tombstone(account, id), &tombstone)?,
        ];
        writes.extend(instance.number.iter().map(|number| self.delete_in_transaction(ItemKey::number(&number.id))));
        self.transact(writes).await.map(drop)
    }

    /// The owner of a number, by WhatsApp's id of it.
    pub async fn number_owner(&self, number_id: &str) -> Result<Option<NumberOwner>, TableError> {
        self.get(ItemKey::number(number_id)).await
    }

    /// Notes when a callback of a number was stored, if the number has an owner.
    pub async fn note_callback(&self, number_id: &str, at: Timestamp) -> Result<(), TableError> {
        let update = UpdateBuilder::new().set("heardAt", at).when_present("instanceId");
        self.update(ItemKey::number(number_id), &update).await.map(drop)
    }
}

fn disconnected(update: UpdateBuilder) -> UpdateBuilder {
    update
        .set("status", ConnectionStatus::Disconnected)
        .set("disconnectedAt", clock::now())
        .when_equal("status", ConnectionStatus::Connected)
}
