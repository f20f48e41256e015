//! Reads of the table.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use super::item::{Contact, ContactItem, item_id, item_key};
use super::observed_contact::Cached;
use crate::alias::Alias;
use crate::aws::{AccountsTable, EnvironmentError, Item, TableError, environment};
use crate::cache::Cache;
use crate::clock;
use crate::ids::InstanceId;
use crate::message::{MAX_PAGE, MessageRepository};

/// How often an item is read that others are changing, before the reader gives up.
const READ_ATTEMPTS: usize = 4;

/// The table of contacts.
pub struct Contacts {
    pub(super) client: Client,
    pub(super) table: String,
    pub(super) messages: MessageRepository,
    /// The table with the outbox of events.
    pub(super) accounts: AccountsTable,
    /// How long messages are kept, which a contact must outlive.
    pub(super) retention: Duration,
    pub(super) cached: Cached,
}

impl Contacts {
    /// The table that `CONTACTS_TABLE` names, for the contacts of these messages.
    pub fn from_environment(client: Client, messages: MessageRepository) -> Result<Self, EnvironmentError> {
        let accounts = AccountsTable::from_environment(client.clone())?;
        Ok(Self::new(client, environment::text("CONTACTS_TABLE")?, messages, accounts, environment::retention()?))
    }

    /// A table by name.
    pub fn new(
        client: Client,
        table: String,
        messages: MessageRepository,
        accounts: AccountsTable,
        retention: Duration,
    ) -> Self {
        Self { client, table, messages, accounts, retention, cached: Cache::default() }
    }

    /// The person with an alias, strongly consistent.
    pub async fn resolve(&self, instance: &InstanceId, alias: &Alias) -> Result<Contact, TableError> {
        self.person(instance, alias, true).await
    }

    /// The person with an alias, eventually consistent: for half a read unit, and as much again for an alias that does not name
    /// the conversation.
    pub async fn resolve_eventually(&self, instance: &InstanceId, alias: &Alias) -> Result<Contact, TableError> {
        self.person(instance, alias, false).await
    }

    async fn person(&self, instance: &InstanceId, alias: &Alias, consistent: bool) -> Result<Contact, TableError> {
        for _ in 0..READ_ATTEMPTS {
            let Some(item) = self.read(instance, alias, consistent).await? else { return Ok(Contact::alone(alias)) };
            let root =
                if item.root == *alias { Some(item) } else { self.read(instance, &item.root, consistent).await? };
            // None when the contact was joined to another one, or erased, between the reads.
            if let Some(contact) = root.and_then(ContactItem::contact).filter(|it| it.aliases.contains(alias)) {
                return Ok(contact);
            }
        }
        Ok(Contact::alone(alias))
    }

    /// The alias that names the conversation of each of these, where it is another one. Eventually consistent.
    pub async fn chats(&self, instance: &InstanceId, aliases: &[&Alias]) -> Result<HashMap<Alias, Alias>, TableError> {
        let mut ids: HashMap<String, &Alias> = aliases.iter().map(|alias| (item_id(instance, alias), *alias)).collect();
        let keys = ids.values().map(|alias| item_key(instance, alias)).collect();
        let mut chats = HashMap::new();
        for item in self.read_all(keys).await? {
            let alias = ids.remove(&item.id).filter(|alias| **alias != item.root);
            chats.extend(alias.map(|alias| (alias.clone(), item.root)));
        }
        Ok(chats)
    }

    /// The items with these keys, in any order; none of those that the table is about to delete. Eventually consistent.
    pub(super) async fn read_all(&self, keys: Vec<Item>) -> Result<Vec<ContactItem>, TableError> {
        let mut items = Vec::new();
        for keys in keys.chunks(MAX_PAGE) {
            let mut wanted = keys.to_vec();
            for _ in 0..READ_ATTEMPTS {
                let keys = KeysAndAttributes::builder().set_keys(Some(std::mem::take(&mut wanted)));
                let keys = keys.build().expect("keys are set");
                let request = self.client.batch_get_item().request_items(&self.table, keys);
                let answer = request.send().await.map_err(TableError::unavailable)?;
                for item in answer.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                    items.push(serde_dynamo::from_item::<_, ContactItem>(item)?);
                }
                wanted.extend(answer.unprocessed_keys.into_iter().flatten().flat_map(|(_, left)| left.keys));
                if wanted.is_empty() {
                    break;
                }
            }
            if !wanted.is_empty() {
                return Err(TableError::Unavailable("a batch read stayed incomplete".to_owned()));
            }
        }
        let now = clock::now().secs();
        items.retain(|item| now < item.expires_at);
        Ok(items)
    }

    /// An item; none of one that the table is about to delete.
    pub(super) async fn read(
        &self,
        instance: &InstanceId,
        alias: &Alias,
        consistent: bool,
    ) -> Result<Option<ContactItem>, TableError> {
        let request = self.client.get_item().table_name(&self.table).consistent_read(consistent);
        let response = request.set_key(Some(item_key(instance, alias))).send().await;
        let item = response.map_err(TableError::unavailable)?.item;
        let item: Option<ContactItem> = item.map(serde_dynamo::from_item).transpose()?;
        let now = clock::now().secs();
        Ok(item.filter(|item| now < item.expires_at))
    }
}

/// A text as an attribute's value.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}
