//! Deleted instances: what is left of each (the items `gone#inst_…`), so that its messages can still be found.

use serde::{Deserialize, Serialize};

use crate::aws::{AccountsTable, ItemKey, TOMBSTONE, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId};
use crate::instance::record::Instance;

/// What is left of a deleted instance.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceTombstone {
    /// Its id.
    pub id: InstanceId,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was deleted. Earlier versions did not note it.
    pub deleted_at: Option<Timestamp>,
    /// WhatsApp's id of the number that it had at the end. Earlier versions did not note it.
    pub number_id: Option<String>,
    /// Since when it had that number.
    pub connected_at: Option<Timestamp>,
    /// Set when its messages and contacts are deleted, since its account is closing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_emptied: bool,
    /// When the table deletes it: seconds since the epoch (DynamoDB's TTL). Those of earlier versions stay.
    pub forget_at: Option<i64>,
}

impl InstanceTombstone {
    /// The tombstone of an instance that is deleted now, kept until `forget_at`. None of one that never had a number, and so has no messages:
    /// a customer may create and delete any number of these.
    pub fn of_deleted(instance: &Instance, now: Timestamp, forget_at: Timestamp) -> Option<Self> {
        let had_number = instance.number.is_some() || instance.connected_at.or(instance.disconnected_at).is_some();
        had_number.then(|| Self::new(instance, now, forget_at))
    }

    fn new(instance: &Instance, now: Timestamp, forget_at: Timestamp) -> Self {
        let number_id = instance.number.as_ref().map(|number| number.id.clone());
        Self {
            id: instance.id.clone(),
            created_at: Some(instance.created_at),
            deleted_at: Some(now),
            connected_at: instance.connected_at.filter(|_| number_id.is_some()),
            number_id,
            is_emptied: false,
            forget_at: Some(forget_at.secs()),
        }
    }
}

impl AccountsTable {
    /// This account's deleted instances.
    pub async fn instance_tombstones(&self, account: &AccountId) -> Result<Vec<InstanceTombstone>, TableError> {
        self.query(account.as_str(), TOMBSTONE).await
    }

    /// A deleted instance of this account.
    pub async fn instance_tombstone(
        &self,
        account: &AccountId,
        id: &InstanceId,
    ) -> Result<Option<InstanceTombstone>, TableError> {
        self.get(ItemKey::tombstone(account, id)).await
    }

    /// The ids of this account's deleted instances whose messages may still be kept: of those that were deleted before `since`,
    /// none is.
    pub async fn deleted_instances(
        &self,
        account: &AccountId,
        since: Option<Timestamp>,
    ) -> Result<Vec<InstanceId>, TableError> {
        let is_recent =
            |tombstone: &InstanceTombstone| tombstone.deleted_at.is_none_or(|at| since.is_none_or(|since| at >= since));
        let tombstones = self.instance_tombstones(account).await?.into_iter();
        Ok(tombstones.filter(is_recent).map(|tombstone| tombstone.id).collect())
    }

    /// Notes that nothing of a deleted instance is left.
    pub async fn note_emptied(&self, account: &AccountId, id: &InstanceId) -> Result<(), TableError> {
        let emptied = UpdateBuilder::new().set("isEmptied", true).when_present("pk");
        self.update(ItemKey::tombstone(account, id), &emptied).await.map(drop)
    }
}
