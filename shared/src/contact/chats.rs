//! The conversations of an instance in which somebody has written: an index over the items of their contacts.
//!
//! A contact moves in it at most every ten minutes, since each move costs two write units. So a page is sorted by the exact time,
//! and the pages by the place in the index (docs/adr/0048).

use std::cmp::Reverse;
use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;

use super::item::{Contact, ContactItem, item_id};
use super::repository::{Contacts, text};
use crate::alias::Alias;
use crate::aws::{Item, TableError};
use crate::clock::Timestamp;
use crate::ids::InstanceId;

/// The index of those who have written or called.
const INDEX: &str = "byLastInbound";

/// An entry of the index, and the place after which a page begins.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    listed_at: Timestamp,
}

/// A page of the conversations.
#[derive(Debug)]
pub struct ChatPage {
    /// Their contacts, who was last heard of first.
    pub contacts: Vec<Contact>,
    /// The cursor of the next page, if there is one.
    pub next: Option<ChatCursor>,
}

/// The place after which a page begins.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChatCursor {
    /// The place of the last contact of the page before.
    pub listed_at: Timestamp,
    /// The alias that names its conversation.
    pub chat: Alias,
}

impl Contacts {
    /// Lists an instance's conversations in which somebody has written or called, the latest first. Eventually consistent. A
    /// page is shorter than `limit` where a contact was joined or erased in the same moment.
    pub async fn list_chats(
        &self,
        instance: &InstanceId,
        after: Option<&ChatCursor>,
        limit: usize,
    ) -> Result<ChatPage, TableError> {
        let mut entries = self.entries(instance, after, limit + 1).await?;
        let has_more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| has_more).and_then(|last| ChatCursor::new(instance, last));
        let keys = entries.iter().map(|entry| Item::from([("id".to_owned(), text(entry.id.clone()))])).collect();
        let items = if entries.is_empty() { Vec::new() } else { self.read_all(keys).await? };
        let mut contacts: Vec<Contact> = items.into_iter().filter_map(ContactItem::contact).collect();
        contacts.retain(|contact| contact.activity.last_inbound_at.is_some());
        contacts.sort_by_key(|contact| Reverse((contact.activity.last_inbound_at, contact.chat.clone())));
        Ok(ChatPage { contacts, next })
    }

    async fn entries(
        &self,
        instance: &InstanceId,
        after: Option<&ChatCursor>,
        limit: usize,
    ) -> Result<Vec<Entry>, TableError> {
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(INDEX)
            .key_condition_expression("instanceId = :instance")
            .expression_attribute_values(":instance", text(instance.as_str()))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(after.map(|cursor| cursor.key(instance)));
        let answer = request.send().await.map_err(TableError::unavailable)?;
        Ok(serde_dynamo::from_items(answer.items.unwrap_or_default())?)
    }
}

impl ChatCursor {
    fn new(instance: &InstanceId, entry: &Entry) -> Option<Self> {
        let alias = entry.id.strip_prefix(instance.as_str())?.strip_prefix('#')?;
        Some(Self { listed_at: entry.listed_at, chat: alias.parse().ok()? })
    }

    fn key(&self, instance: &InstanceId) -> Item {
        HashMap::from([
            ("id".to_owned(), text(item_id(instance, &self.chat))),
            ("instanceId".to_owned(), text(instance.as_str())),
            ("listedAt".to_owned(), AttributeValue::N(self.listed_at.millis().to_string())),
        ])
    }
}
