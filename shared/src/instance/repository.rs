//! Reads and writes of instances and of the owners of numbers in the table of accounts.

use aws_sdk_dynamodb::types::TransactWriteItem;
use secrecy::SecretString;

use crate::aws::accounts_table::read;
use crate::aws::{AccountsTable, ConditionalWrite, ItemKey, RefusedWrite, TableError, UpdateBuilder};
use crate::clock::{self, Timestamp};
use crate::ids::{AccountId, InstanceId, WebhookId};
use crate::instance::circuit_breaker::UNANSWERED;
use crate::instance::record::{ConnectionStatus, FreedNumber, Instance, Number, NumberOwner};
use crate::instance::tombstone::InstanceTombstone;
use crate::instance::{business, pauses};
use crate::json_text::JsonText;
use crate::observability::{Metric, metrics};
use crate::security::SecretCipher;
use crate::whatsapp::{GraphError, NumberLimits};

/// The result of connecting an instance.
#[derive(Debug)]
pub enum Connect {
    /// The instance is connected.
    Connected,
    /// The number is connected to another instance.
    NumberTaken,
    /// The instance is connected already.
    AlreadyConnected,
}

/// What became of a connection that WhatsApp refuses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RefusedConnection {
    /// The instance is disconnected.
    Ended,
    /// The instance has been connected anew since: the refusal says nothing about the connection of now.
    Replaced,
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

    /// Connects an instance to a number, binds the number to it, and lists it under its business account: all or nothing.
    /// `app_secret` is that of the number's own Meta app. `None` when the instance's connection has changed since it was
    /// read.
    pub async fn connect(
        &self,
        instance: &Instance,
        (number, limits): (&Number, &NumberLimits),
        app_secret: Option<(&SecretString, &SecretCipher)>,
    ) -> Result<Option<Connect>, TableError> {
        if instance.status == ConnectionStatus::Connected {
            return Ok(Some(Connect::AlreadyConnected));
        }
        let encrypt = |(secret, cipher): (&SecretString, &SecretCipher)| {
            cipher.encrypt(secret, &NumberOwner::app_secret_aad(&number.id))
        };
        let owner = UpdateBuilder::new()
            .set("accountId", &instance.account_id)
            .set("instanceId", &instance.id)
            .set("businessId", &number.business_id)
            .set_or_remove("appSecret", app_secret.map(encrypt))
            .remove("heardSince")
            .when_absent_or_equal("instanceId", &instance.id);
        let connected = pauses::ended(UpdateBuilder::new())
            .set("status", ConnectionStatus::Connected)
            .set("connectedAt", clock::now())
            .set("number", number)
            .set_or_remove("quality", limits.quality.as_ref())
            .set_or_remove("messagingLimit", limits.messaging_limit.as_ref())
            .remove("accountState")
            .remove("disconnectReason")
            .remove(UNANSWERED)
            .when_equal("status", ConnectionStatus::Disconnected);
        let writes = vec![
            self.update_in_transaction(ItemKey::number(&number.id), &owner),
            self.update_in_transaction(instance.key(), &when_unchanged(connected, instance)),
            self.update_in_transaction(
                ItemKey::business_number(&number.business_id, &number.id),
                &business::listing(&number.id),
            ),
        ];
        // An instance whose token is no longer valid still owns the number that it had.
        let previous = instance.number.as_ref().filter(|previous| previous.id != number.id);
        Ok(match self.transact_and_free(writes, &instance.id, previous).await? {
            ConditionalWrite::Applied(()) => Some(Connect::Connected),
            ConditionalWrite::Refused(RefusedWrite { position: 0, .. }) => Some(Connect::NumberTaken),
            ConditionalWrite::Refused(_) => None,
        })
    }

    /// Disconnects an instance for its customer, this connection of it, not a later one: its token is deleted and its
    /// number is free for another. One whose token or number WhatsApp refuses is disconnected already and keeps the time
    /// and the reason; its number is freed. `false` when it has no number.
    pub async fn disconnect(&self, instance: &Instance, reason: Option<&str>) -> Result<bool, TableError> {
        if instance.number.is_none() {
            return Ok(false);
        }
        let update = when_unchanged(UpdateBuilder::new().remove("number"), instance);
        let update = match instance.status {
            ConnectionStatus::Connected => disconnected(update).set_or_remove("disconnectReason", reason),
            ConnectionStatus::Disconnected => update.set_some("disconnectReason", reason),
        };
        let writes = vec![self.update_in_transaction(instance.key(), &update)];
        Ok(self.transact_and_free(writes, &instance.id, instance.number.as_ref()).await?.is_applied())
    }

    /// Disconnects an instance whose token or number WhatsApp refuses: this connection of it, not a later one. The number
    /// stays bound to it, so that a connect with a new token brings it back.
    pub async fn disconnect_refused(
        &self,
        instance: &Instance,
        error: &GraphError,
    ) -> Result<RefusedConnection, TableError> {
        let update = disconnected(UpdateBuilder::new().set("disconnectReason", error.failure().message));
        let update = update.when_equal("status", ConnectionStatus::Connected);
        let is_applied = self.update(instance.key(), &when_unchanged(update, instance)).await?.is_applied();
        if is_applied {
            metrics::count(Metric::InstancesStopped);
            tracing::error!(instance_id = %instance.id, code = error.code, "instance.disconnected");
            return Ok(RefusedConnection::Ended);
        }
        let now = self.instance(&instance.account_id, &instance.id).await?;
        let is_replaced = now.is_some_and(|now| now.status == ConnectionStatus::Connected);
        Ok(if is_replaced { RefusedConnection::Replaced } else { RefusedConnection::Ended })
    }

    /// Deletes an instance, frees its number, and leaves a tombstone until `forget_at`, so that its messages can still be found and
    /// erased. `false` when its connection has changed since it was read.
    pub async fn delete_instance(&self, instance: &Instance, forget_at: Timestamp) -> Result<bool, TableError> {
        let unchanged = when_unchanged(UpdateBuilder::new(), instance);
        let mut writes = vec![self.delete_in_transaction_when(instance.key(), &unchanged)];
        if let Some(tombstone) = InstanceTombstone::of_deleted(instance, clock::now(), forget_at) {
            writes.push(self.put_in_transaction(ItemKey::tombstone(&instance.account_id, &instance.id), &tombstone)?);
        }
        Ok(self.transact_and_free(writes, &instance.id, instance.number.as_ref()).await?.is_applied())
    }

    /// Applies writes that take a number from an instance, and frees the number with them. When the number belongs to
    /// another instance, it stays so.
    async fn transact_and_free(
        &self,
        writes: Vec<TransactWriteItem>,
        instance: &InstanceId,
        number: Option<&Number>,
    ) -> Result<ConditionalWrite<(), RefusedWrite>, TableError> {
        let Some(number) = number else {
            return self.transact(writes).await;
        };
        let own = UpdateBuilder::new().when_absent_or_equal("instanceId", instance);
        let tombstone = FreedNumber::new(instance, clock::now());
        let freeing = [
            self.delete_in_transaction_when(ItemKey::number(&number.id), &own),
            self.put_in_transaction(ItemKey::freed_number(&number.id), &tombstone)?,
            self.delete_in_transaction(ItemKey::business_number(&number.business_id, &number.id)),
        ];
        let position_of_number = writes.len();
        match self.transact(writes.iter().cloned().chain(freeing).collect()).await? {
            ConditionalWrite::Refused(RefusedWrite { position, .. }) if position == position_of_number => {
                self.transact(writes).await
            }
            result => Ok(result),
        }
    }

    /// The owner of a number, by WhatsApp's id of it.
    pub async fn number_owner(&self, number_id: &str) -> Result<Option<NumberOwner>, TableError> {
        self.get(ItemKey::number(number_id)).await
    }

    /// The tombstone of a number's last owner, by WhatsApp's id of the number.
    pub async fn freed_number(&self, number_id: &str) -> Result<Option<FreedNumber>, TableError> {
        self.get(ItemKey::freed_number(number_id)).await
    }

    /// Notes when a callback of a number was stored, if the number has an owner. Returns the owner. The first callback, and one
    /// after a silence, take another write.
    pub async fn note_callback(&self, number_id: &str, at: Timestamp) -> Result<Option<NumberOwner>, TableError> {
        let (key, noted) =
            (ItemKey::number(number_id), UpdateBuilder::new().set("heardAt", at).when_present("instanceId"));
        let goes_on =
            noted.clone().set_once("heardSince", at).when_at_least("heardAt", at.minus(NumberOwner::MAX_SILENCE));
        let owner = match self.update(key.clone(), &goes_on).await? {
            ConditionalWrite::Applied(owner) => owner,
            ConditionalWrite::Refused(None) => return Ok(None),
            ConditionalWrite::Refused(Some(_)) => match self.update(key, &noted.set("heardSince", at)).await? {
                ConditionalWrite::Applied(owner) => owner,
                ConditionalWrite::Refused(_) => return Ok(None),
            },
        };
        read(owner).map(Some)
    }

    /// Notes when a callback about a number was refused, if the number has an owner.
    pub async fn note_refusal(&self, number_id: &str, at: Timestamp) -> Result<(), TableError> {
        let noted = UpdateBuilder::new().set("refusedAt", at).when_present("instanceId");
        self.update(ItemKey::number(number_id), &noted).await.map(drop)
    }
}

/// Sets what an instance has of a disconnect.
pub(super) fn disconnected(update: UpdateBuilder) -> UpdateBuilder {
    update.set("status", ConnectionStatus::Disconnected).set("disconnectedAt", clock::now())
}

/// Requires that the instance was neither connected nor lost its number since it was read.
fn when_unchanged(update: UpdateBuilder, read: &Instance) -> UpdateBuilder {
    let update = match read.connected_at {
        Some(at) => update.when_equal("connectedAt", at),
        None => update.when_absent("connectedAt"),
    };
    if read.number.is_some() { update.when_present("number") } else { update.when_absent("number") }
}
