//! A record as an item of the table.
//!
//! That of a batch's message has no `instanceId`, the key of the index `byInstance`: its batch stands for all of its messages in the
//! instance's history (docs/adr/0067), and each saves a write unit. The key of its conversation begins with the instance.

use std::collections::HashMap;

use serde::de::Error as _;
use serde_dynamo::{AttributeValue, Error};

use crate::aws::Item;
use crate::message::record::Message;
use crate::message::record_keys::instance_of;

/// The attribute by which the table of messages deletes an item: seconds since the epoch.
pub(super) const EXPIRES_AT: &str = "expiresAt";
/// The attribute that a batch's messages lack.
const INSTANCE: &str = "instanceId";

impl Message {
    /// Its item.
    pub fn to_item(&self) -> Result<Item, Error> {
        let mut item: Item = serde_dynamo::to_item(self)?;
        if self.batch_row.is_some() {
            item.remove(INSTANCE);
        }
        Ok(item)
    }

    /// The message of an item.
    pub fn from_item(item: impl Into<serde_dynamo::Item>) -> Result<Self, Error> {
        serde_dynamo::from_item(with_instance(item)?)
    }
}

/// An item of a message, or of an index, with its instance.
pub(super) fn with_instance(item: impl Into<serde_dynamo::Item>) -> Result<serde_dynamo::Item, Error> {
    let mut item: HashMap<String, AttributeValue> = item.into().into_inner();
    if !item.contains_key(INSTANCE) {
        let Some(AttributeValue::S(conversation)) = item.get("chat") else {
            return Err(Error::custom("neither `instanceId` nor `chat`"));
        };
        let instance = instance_of(conversation).to_owned();
        item.insert(INSTANCE.to_owned(), AttributeValue::S(instance));
    }
    Ok(item.into())
}
