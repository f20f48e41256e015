//! Reads, inserts and withdrawals of message records. Changes of state are in `transitions`.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};

use crate::aws::conditional_write::{transact, update};
use crate::aws::{ConditionalWrite, EnvironmentError, Item, RefusedWrite, TableError, UpdateBuilder, environment};
use crate::clock::Timestamp;
use crate::ids::{InstanceId, MessageId};
use crate::message::record::Message;
use crate::message::record_keys::bulk_keys;
use crate::message::tombstone::{ERASED, Stored, Tombstone, read_message};

/// The table of messages, by id.
#[derive(Clone, Debug)]
pub struct MessageRepository {
    pub(super) client: Client,
    pub(super) table: String,
}

impl MessageRepository {
    /// The table that `MESSAGES_TABLE` names.
    pub fn from_environment(client: Client) -> Result<Self, EnvironmentError> {
        Ok(Self { client, table: environment::text("MESSAGES_TABLE")? })
    }

    /// A table by name.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Reads a record, strongly consistent.
    pub async fn get(&self, id: &MessageId) -> Result<Option<Message>, TableError> {
        self.read(id, true).await
    }

    /// Reads what is under a message's id, strongly consistent.
    pub async fn get_stored(&self, id: &MessageId) -> Result<Option<Stored>, TableError> {
        self.read_item(id, true).await?.map(Stored::read).transpose()
    }

    /// Whether anything is under a message's id, eventually consistent: `false` also for a moment after it was written.
    pub async fn may_exist(&self, id: &MessageId) -> Result<bool, TableError> {
        Ok(self.read_item(id, false).await?.is_some())
    }

    /// Reads a record, eventually consistent: at half the price.
    pub async fn get_eventually(&self, id: &MessageId) -> Result<Option<Message>, TableError> {
        self.read(id, false).await
    }

    async fn read(&self, id: &MessageId, consistent: bool) -> Result<Option<Message>, TableError> {
        Ok(read_message(self.read_item(id, consistent).await?)?.map(|message| *message))
    }

    async fn read_item(&self, id: &MessageId, consistent: bool) -> Result<Option<Item>, TableError> {
        let request = self.client.get_item().table_name(&self.table).consistent_read(consistent);
        Ok(request.set_key(Some(item_key(id))).send().await.map_err(TableError::unavailable)?.item)
    }

    /// Inserts a record whose id is not taken. A record with the same nonce is this very insert, whose first response was
    /// lost, and counts as applied, even if it was erased since. Refused with nothing: a message with this id was erased.
    pub async fn insert(&self, message: &Message) -> Result<ConditionalWrite<Box<Message>>, TableError> {
        let request = self.client.put_item().table_name(&self.table).set_item(Some(message.to_item()?));
        let response = request
            .condition_expression("attribute_not_exists(id)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = response else {
            return Ok(ConditionalWrite::Applied(Box::new(message.clone())));
        };
        let Some(PutItemError::ConditionalCheckFailedException(refusal)) = error.as_service_error() else {
            return Err(TableError::unavailable(error));
        };
        Ok(match refusal.item.clone().map(Stored::read).transpose()? {
            Some(Stored::Message(existing)) if existing.nonce == message.nonce => ConditionalWrite::Applied(existing),
            Some(Stored::Erased(tombstone)) if tombstone.nonce == message.nonce => {
                ConditionalWrite::Applied(Box::new(message.clone()))
            }
            existing => ConditionalWrite::Refused(existing.and_then(Stored::message)),
        })
    }

    /// Deletes a record that nobody has attempted to send: queued, never claimed, and inserted by the request with this
    /// nonce. `false` when it was claimed. A record that is gone, or that belongs to another request by now, was deleted by
    /// an earlier attempt of this very call, whose response was lost.
    pub async fn withdraw(&self, message: &Message) -> Result<bool, TableError> {
        let response = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(item_key(&message.id)))
            .condition_expression("#rank = :none AND attempt = :none AND nonce = :nonce")
            .expression_attribute_names("#rank", "rank")
            .expression_attribute_values(":none", AttributeValue::N("0".to_owned()))
            .expression_attribute_values(":nonce", AttributeValue::S(message.nonce.clone()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = response else { return Ok(true) };
        match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(refusal)) => {
                let existing = refusal.item.as_ref().and_then(|item| item.get("nonce"));
                Ok(existing != Some(&AttributeValue::S(message.nonce.clone())))
            }
            _ => Err(TableError::unavailable(error)),
        }
    }

    /// Whether a message was erased, strongly consistent.
    pub async fn is_erased(&self, id: &MessageId) -> Result<bool, TableError> {
        Ok(self.read_item(id, true).await?.is_some_and(|item| item.contains_key(ERASED)))
    }

    /// Erases a message that will not be sent any more, with its details, and leaves a tombstone. `false` when its record is another
    /// request's by now. A transaction, since it may meet that of a callback: [`transact`] repeats it then.
    pub async fn erase(&self, message: &Message, now: Timestamp) -> Result<bool, TableError> {
        let tombstone = serde_dynamo::to_item(Tombstone::new(message, now))?;
        let put = Put::builder().table_name(&self.table).set_item(Some(tombstone));
        let put = put.condition_expression("nonce = :nonce");
        let put = put.expression_attribute_values(":nonce", AttributeValue::S(message.nonce.clone()));
        let put = put.build().expect("table and item are set");
        let tombstone = TransactWriteItem::builder().put(put).build();
        let writes = std::iter::once(tombstone).chain(self.details_deletions(message)).collect();
        Ok(transact(&self.client, writes).await?.is_applied())
    }

    /// Whether any message of an instance is queued or being sent in the bulk lane.
    pub async fn has_bulk_messages(&self, instance: &InstanceId) -> Result<bool, TableError> {
        for key in bulk_keys(instance) {
            let request = self
                .client
                .query()
                .table_name(&self.table)
                .index_name("byBulk")
                .key_condition_expression("#bulk = :key")
                .expression_attribute_names("#bulk", "bulk")
                .expression_attribute_values(":key", AttributeValue::S(key))
                .limit(1);
            let response = request.send().await.map_err(TableError::unavailable)?;
            if response.items.is_some_and(|items| !items.is_empty()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Updates a record that exists, if the conditions hold.
    pub(super) async fn update(
        &self,
        id: &MessageId,
        builder: UpdateBuilder,
    ) -> Result<ConditionalWrite<Box<Message>>, TableError> {
        let builder = builder.when_present("id");
        Ok(match update(&self.client, &self.table, item_key(id), &builder).await? {
            ConditionalWrite::Applied(item) => ConditionalWrite::Applied(Box::new(Message::from_item(item)?)),
            ConditionalWrite::Refused(item) => ConditionalWrite::Refused(read_message(item)?),
        })
    }

    /// Updates records that exist in one transaction with a correction of their account's credits. Refused at the position of
    /// a record whose conditions do not hold, or behind the records when the account has no ledger any more.
    pub(super) async fn update_with_credit<'a>(
        &self,
        updates: impl IntoIterator<Item = (&'a MessageId, UpdateBuilder)>,
        credit: Vec<TransactWriteItem>,
    ) -> Result<ConditionalWrite<(), RefusedWrite>, TableError> {
        let record =
            |(id, builder): (_, UpdateBuilder)| builder.when_present("id").in_transaction(&self.table, item_key(id));
        transact(&self.client, updates.into_iter().map(record).chain(credit).collect()).await
    }
}

pub(super) fn item_key(id: &MessageId) -> Item {
    HashMap::from([("id".to_owned(), AttributeValue::S(id.to_string()))])
}
