//! WhatsApp's objects that are too large for the record of their message: in items of their own beside it.
//!
//! The items `<id>.details.<n>` hold consecutive parts of the text. They are written in one transaction with the record and
//! erased in one with it, so they exist exactly as long as it does. They have no `ev` and no key of an index: no stream's
//! filter lets them through, and no history shows them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};

use crate::aws::conditional_write::transact;
use crate::aws::{Item, TableError, delete_batch};
use crate::ids::MessageId;
use crate::json_text::JsonText;
use crate::message::content::Content;
use crate::message::record::Message;
use crate::message::record_item::EXPIRES_AT;
use crate::message::repository::{MessageRepository, item_key};

/// Bytes up to which the object stands in the record and in events.
pub const MAX_IN_RECORD: usize = 64 * 1024;
/// Bytes of a part: an item has at most 400 KB (DynamoDB quotas).
const PART: usize = 350 * 1024;
/// The text of a part.
const TEXT: &str = "part";

impl MessageRepository {
    /// Inserts the record of a received message whose id is not taken. An object that is too large for it is stored beside it.
    /// `false` when the message is stored already or was erased.
    pub async fn insert_received(&self, message: &mut Message) -> Result<bool, TableError> {
        let Some(details) = message.content.take_large_details(MAX_IN_RECORD) else {
            return Ok(self.insert(message).await?.is_applied());
        };
        let parts = split(details.as_str());
        message.received.get_or_insert_default().details_parts = u32::try_from(parts.len()).ok();
        let record = Put::builder().table_name(&self.table).set_item(Some(message.to_item()?));
        let record = record.condition_expression("attribute_not_exists(id)").build().expect("table and item are set");
        let part = |(place, text): (usize, &str)| {
            let mut item = part_key(&message.id, place);
            item.insert(TEXT.to_owned(), AttributeValue::S(text.to_owned()));
            item.insert(EXPIRES_AT.to_owned(), AttributeValue::N(message.expires_at.to_string()));
            let put = Put::builder().table_name(&self.table).set_item(Some(item));
            TransactWriteItem::builder().put(put.build().expect("table and item are set")).build()
        };
        let parts = parts.into_iter().enumerate().map(part);
        let writes = std::iter::once(TransactWriteItem::builder().put(record).build()).chain(parts).collect();
        Ok(transact(&self.client, writes).await?.is_applied())
    }

    /// WhatsApp's object of a received message, wherever it is stored; none if the message has none. Strongly consistent.
    ///
    /// # Errors
    /// Also when it was erased since the record was read.
    pub async fn details(&self, message: &Message) -> Result<Option<JsonText>, TableError> {
        let Some(parts) = message.details_parts() else {
            return Ok(message.content.details().map(|details| details.to_owned().into()));
        };
        let mut text = String::new();
        for place in 0..parts as usize {
            let request = self.client.get_item().table_name(&self.table).consistent_read(true);
            let request = request.set_key(Some(part_key(&message.id, place)));
            let item = request.send().await.map_err(TableError::unavailable)?.item.unwrap_or_default();
            let part = item.get(TEXT).and_then(|part| part.as_s().ok()).ok_or(TableError::Conflict)?;
            text.push_str(part);
        }
        Ok(Some(JsonText::try_from(text).map_err(|_| TableError::Conflict)?))
    }

    /// The deletions of a message's parts, for the transaction that erases it.
    pub(super) fn details_deletions(&self, message: &Message) -> impl Iterator<Item = TransactWriteItem> {
        part_keys(message).map(|key| {
            let delete = Delete::builder().table_name(&self.table).set_key(Some(key));
            TransactWriteItem::builder().delete(delete.build().expect("table and key are set")).build()
        })
    }

    /// Deletes messages that will not be sent any more, and the parts beside them, whatever they are by then. Nothing is left of them:
    /// for an account that is closing, to which nothing can come any more.
    pub async fn delete_all(&self, messages: &[Message]) -> Result<(), TableError> {
        let parts = messages.iter().flat_map(part_keys);
        let keys = parts.chain(messages.iter().map(|message| item_key(&message.id))).collect();
        delete_batch(&self.client, &self.table, keys).await
    }
}

impl Message {
    /// How many items beside the record hold WhatsApp's object; none if the record does.
    pub fn details_parts(&self) -> Option<u32> {
        self.received.as_ref()?.details_parts
    }

    /// The path of WhatsApp's object, if it is not in the record.
    pub fn details_path(&self) -> Option<String> {
        self.details_parts().map(|_| format!("/v1/messages/{}/details", self.id))
    }
}

impl Content {
    /// Takes WhatsApp's object out, if it has more bytes than these.
    fn take_large_details(&mut self, most: usize) -> Option<JsonText> {
        match self {
            Self::Received { details, .. } if details.as_str().len() > most => {
                Some(std::mem::replace(details, JsonText::null()))
            }
            _ => None,
        }
    }
}

fn part_keys(message: &Message) -> impl Iterator<Item = Item> {
    (0..message.details_parts().unwrap_or_default() as usize).map(|place| part_key(&message.id, place))
}

/// The key of a part of a message's object.
pub fn part_key(id: &MessageId, place: usize) -> Item {
    HashMap::from([("id".to_owned(), AttributeValue::S(format!("{id}.details.{place}")))])
}

/// Consecutive parts of a text, none larger than an item may be.
fn split(mut text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    while !text.is_empty() {
        let (part, rest) = text.split_at(text.floor_char_boundary(PART));
        parts.push(part);
        text = rest;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_between_characters_into_parts_that_fit_an_item() {
        let text = "é".repeat(PART + 1); // two bytes each
        let odd = format!("a{text}");
        for text in [text.as_str(), odd.as_str(), "short", ""] {
            let parts = split(text);
            assert!(parts.iter().all(|part| (1..=PART).contains(&part.len())));
            assert_eq!(parts.concat(), text);
            assert_eq!(parts.len(), text.len().div_ceil(PART - 1));
        }
    }
}
