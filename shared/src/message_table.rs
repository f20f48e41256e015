//! The table of messages.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};

use crate::account_table::AccountTable;
use crate::change::{Change, Item};
use crate::conditional_write::{TableError, Transacted, Updated, transact, update};
use crate::environment::{self, EnvironmentError};
use crate::ids::{AccountId, InstanceId, MessageId};
use crate::message::Message;

/// The table of messages, by id.
#[derive(Clone, Debug)]
pub struct MessageTable {
    pub(crate) client: Client,
    pub(crate) name: String,
}

/// What became of a conditional write that went with a credit.
#[derive(Debug)]
pub enum Billed {
    /// Both were applied.
    Done,
    /// A condition did not hold, and neither was applied; the record as it stood, if there is one.
    Refused(Option<Box<Message>>),
}

/// What became of a conditional write.
#[derive(Debug)]
pub enum Written {
    /// It was applied; the record as it stands now.
    Done(Box<Message>),
    /// A condition did not hold; the record as it stood, if there is one.
    Refused(Option<Box<Message>>),
}

impl MessageTable {
    /// The table that `MESSAGES_TABLE` names.
    pub fn from_environment(client: Client) -> Result<Self, EnvironmentError> {
        Ok(Self { client, name: environment::text("MESSAGES_TABLE")? })
    }

    /// A table by name.
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// The record of a message, as the last write left it.
    pub async fn get(&self, id: &MessageId) -> Result<Option<Message>, TableError> {
        self.read(id, true).await
    }

    /// The record of a message, perhaps as it was a moment ago: at half the price.
    pub async fn glance(&self, id: &MessageId) -> Result<Option<Message>, TableError> {
        self.read(id, false).await
    }

    async fn read(&self, id: &MessageId, consistent: bool) -> Result<Option<Message>, TableError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(consistent);
        let answer = request.set_key(Some(item_key(id))).send().await.map_err(TableError::unavailable)?;
        Ok(answer.item.map(serde_dynamo::from_item).transpose()?)
    }

    /// Adds a record whose id is not taken. A put of ours that was applied before, its answer lost, counts as done.
    pub async fn insert(&self, message: &Message) -> Result<Written, TableError> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(serde_dynamo::to_item(message)?));
        let answer = request
            .condition_expression("attribute_not_exists(id)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = answer else {
            return Ok(Written::Done(Box::new(message.clone())));
        };
        let Some(PutItemError::ConditionalCheckFailedException(refusal)) = error.as_service_error() else {
            return Err(TableError::unavailable(error));
        };
        let standing: Option<Message> = refusal.item.clone().map(serde_dynamo::from_item).transpose()?;
        match standing {
            Some(standing) if standing.nonce == message.nonce => Ok(Written::Done(Box::new(standing))),
            standing => Ok(Written::Refused(standing.map(Box::new))),
        }
    }

    /// Changes a record that is there, if the change's conditions hold.
    pub async fn change(&self, id: &MessageId, change: Change) -> Result<Written, TableError> {
        let change = change.when_present("id");
        Ok(match update(&self.client, &self.name, item_key(id), &change).await? {
            Updated::Done(item) => Written::Done(Box::new(serde_dynamo::from_item(item)?)),
            Updated::Refused(standing) => Written::Refused(read(standing)?),
        })
    }

    /// Changes a record and, in the same transaction, gives its account a credit or takes one.
    ///
    /// Nothing is given to an account that has no meter any more.
    pub async fn change_and_credit(
        &self,
        accounts: &AccountTable,
        account: &AccountId,
        credits: i64,
        id: &MessageId,
        change: Change,
    ) -> Result<Billed, TableError> {
        let record = change.clone().when_present("id").in_transaction(&self.name, item_key(id));
        let meter = Change::new().add("credits", credits).when_present("credits");
        let meter = accounts.meter_in_transaction(account, &meter);
        match transact(&self.client, [record, meter].map(as_write).to_vec()).await? {
            Transacted::Done => Ok(Billed::Done),
            Transacted::Refused(0, standing) => Ok(Billed::Refused(read(standing)?)),
            Transacted::Refused(..) => Ok(match self.change(id, change).await? {
                Written::Done(_) => Billed::Done,
                Written::Refused(standing) => Billed::Refused(standing),
            }),
        }
    }

    /// Whether any message of an instance waits in the bulk lane, or is being sent from there.
    pub async fn has_bulk(&self, instance: &InstanceId) -> Result<bool, TableError> {
        let request = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("byBulk")
            .key_condition_expression("#bulk = :instance")
            .expression_attribute_names("#bulk", "bulk")
            .expression_attribute_values(":instance", AttributeValue::S(instance.to_string()))
            .limit(1);
        let answer = request.send().await.map_err(TableError::unavailable)?;
        Ok(answer.items.is_some_and(|items| !items.is_empty()))
    }

    /// Takes back a record that nobody has begun to send: one that is queued, was never tried, and came from the
    /// request with this nonce. `false` when somebody has begun. One that is gone, or has given way to another request's,
    /// has been taken back: by an earlier attempt of this very delete, whose answer was lost.
    pub async fn withdraw(&self, message: &Message) -> Result<bool, TableError> {
        let answer = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(item_key(&message.id)))
            .condition_expression("#rank = :none AND attempt = :none AND nonce = :nonce")
            .expression_attribute_names("#rank", "rank")
            .expression_attribute_values(":none", AttributeValue::N("0".to_owned()))
            .expression_attribute_values(":nonce", AttributeValue::S(message.nonce.clone()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = answer else { return Ok(true) };
        match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(refusal)) => {
                let standing = refusal.item.as_ref().and_then(|item| item.get("nonce"));
                Ok(standing != Some(&AttributeValue::S(message.nonce.clone())))
            }
            _ => Err(TableError::unavailable(error)),
        }
    }
}

fn as_write(update: Update) -> TransactWriteItem {
    TransactWriteItem::builder().update(update).build()
}

pub(crate) fn item_key(id: &MessageId) -> Item {
    HashMap::from([("id".to_owned(), AttributeValue::S(id.to_string()))])
}

fn read(standing: Option<Item>) -> Result<Option<Box<Message>>, serde_dynamo::Error> {
    standing.map(serde_dynamo::from_item).transpose()
}
