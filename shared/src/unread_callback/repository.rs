//! The table of callbacks that were not read.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;

use super::record::{KIND, UnreadCallback};
use crate::aws::{EnvironmentError, Item, TableError, environment};
use crate::ids::CallbackId;

/// The table of callbacks that were not read, by id.
#[derive(Clone, Debug)]
pub struct UnreadCallbacks {
    client: Client,
    table: String,
}

impl UnreadCallbacks {
    /// The table that `UNREAD_CALLBACKS_TABLE` names.
    pub fn from_environment(client: Client) -> Result<Self, EnvironmentError> {
        Ok(Self { client, table: environment::text("UNREAD_CALLBACKS_TABLE")? })
    }

    /// A table by name.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Keeps a callback, unless it is kept already. `false` if it was.
    pub async fn keep(&self, callback: &UnreadCallback) -> Result<bool, TableError> {
        let request = self.client.put_item().table_name(&self.table);
        let request = request.set_item(Some(serde_dynamo::to_item(callback)?));
        match request.condition_expression("attribute_not_exists(id)").send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(TableError::unavailable(error)),
            },
        }
    }

    /// Reads a callback.
    pub async fn get(&self, id: &CallbackId) -> Result<Option<UnreadCallback>, TableError> {
        let request = self.client.get_item().table_name(&self.table).set_key(Some(item_key(id))).consistent_read(true);
        let response = request.send().await.map_err(TableError::unavailable)?;
        Ok(response.item.map(serde_dynamo::from_item).transpose()?)
    }

    /// Deletes a callback that was read after all.
    pub async fn delete(&self, id: &CallbackId) -> Result<(), TableError> {
        let request = self.client.delete_item().table_name(&self.table).set_key(Some(item_key(id)));
        request.send().await.map(drop).map_err(TableError::unavailable)
    }

    /// Lists callbacks, newest first, without their bodies: those before the cursor `before`. The second value is the cursor
    /// of the next page.
    pub async fn list(
        &self,
        before: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<UnreadCallback>, Option<String>), TableError> {
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("byTime")
            .key_condition_expression("kind = :kind AND #at < :before")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":kind", AttributeValue::S(KIND.to_owned()))
            .expression_attribute_values(":before", AttributeValue::S(before.unwrap_or("~").to_owned()))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let response = request.send().await.map_err(TableError::unavailable)?;
        let has_more = response.last_evaluated_key.is_some();
        let rows: Vec<UnreadCallback> = serde_dynamo::from_items(response.items.unwrap_or_default())?;
        let last = rows.last().filter(|_| has_more).map(|row| row.at.clone());
        Ok((rows, last))
    }
}

fn item_key(id: &CallbackId) -> Item {
    HashMap::from([("id".to_owned(), AttributeValue::S(id.to_string()))])
}
