//! The items of the table, and the contact that they describe.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::activity::{Activity, MarketingWish};
use crate::alias::Alias;
use crate::aws::Item;
use crate::clock::Timestamp;
use crate::ids::InstanceId;
use crate::message::record_keys::conversation_key;

/// A person as one instance sees it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Contact {
    /// The alias that names the conversation (`chatId`).
    pub chat: Alias,
    /// All aliases, the one that names the conversation among them. Records of the person have the key of one of them.
    pub aliases: Vec<Alias>,
    /// WhatsApp's ids of the groups in which the person wrote.
    pub groups: Vec<String>,
    /// What the person did.
    pub activity: Activity,
    /// What is stored of it; none of an alias that has no item.
    pub(super) stored: Option<Stored>,
}

/// What is stored of a contact beside what it says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Stored {
    /// Changes with each write of the contact.
    pub version: String,
    /// When the conversation began, as far as is known.
    pub since: Option<Timestamp>,
    /// Since when it is being erased: nobody may cache it.
    pub erasing: Option<Timestamp>,
    /// The events that were published of it, by their subjects: an erasure removes them from the outbox.
    pub events: Vec<String>,
    /// When the table deletes it: seconds since the epoch.
    pub expires_at: i64,
}

impl Contact {
    /// The contact of an alias without an item.
    pub(super) fn alone(alias: &Alias) -> Self {
        let (aliases, activity) = (vec![alias.clone()], Activity::default());
        Self { chat: alias.clone(), aliases, groups: Vec::new(), activity, stored: None }
    }

    /// Whether the table has items of it: it has several aliases, or has written or called.
    pub fn is_stored(&self) -> bool {
        self.stored.is_some()
    }

    /// Whether messages are known to be the person's through it alone: it has several aliases, or a group.
    pub const fn leads_further(&self) -> bool {
        self.aliases.len() > 1 || !self.groups.is_empty()
    }

    /// Since when it is being erased.
    pub fn erasing_since(&self) -> Option<Timestamp> {
        self.stored.as_ref()?.erasing
    }

    /// The keys of its conversations in the index `byChat`.
    pub fn conversations(&self, instance: &InstanceId) -> Vec<String> {
        self.aliases.iter().map(|alias| conversation_key(instance, alias.as_str())).collect()
    }

    /// Whether a record's party, known by these ids, is this person.
    pub fn is_any_of<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> bool {
        ids.into_iter().any(|id| self.aliases.iter().any(|alias| alias.as_str() == id))
    }

    /// Its items: of the alias that names the conversation, which lists the others, and of each other one, which points there.
    pub(super) fn items(&self, instance: &InstanceId) -> Vec<ContactItem> {
        let Some(stored) = &self.stored else { return Vec::new() };
        let item = |alias: &Alias| {
            let is_root = *alias == self.chat;
            let activity = if is_root { self.activity.clone() } else { Activity::default() };
            ContactItem {
                id: item_id(instance, alias),
                root: self.chat.clone(),
                aliases: if is_root { self.aliases.clone() } else { Vec::new() },
                groups: if is_root { self.groups.clone() } else { Vec::new() },
                events: if is_root { stored.events.clone() } else { Vec::new() },
                version: stored.version.clone(),
                since: stored.since.filter(|_| is_root),
                erasing: stored.erasing,
                instance_id: activity.listed_at.map(|_| instance.clone()),
                listed_at: activity.listed_at,
                last_inbound_at: activity.last_inbound_at,
                last_other_at: activity.last_other_at,
                name: activity.name,
                username: activity.username,
                marketing: activity.marketing,
                expires_at: stored.expires_at,
            }
        };
        self.aliases.iter().map(item).collect()
    }
}

/// An item of the table.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContactItem {
    /// The instance and the alias.
    pub id: String,
    /// The alias whose item lists the contact's aliases: this one, or the one that it points to.
    pub root: Alias,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Alias>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// Of the write that wrote this item.
    pub version: String,
    pub since: Option<Timestamp>,
    pub erasing: Option<Timestamp>,
    /// The key of the index `byLastInbound`: present in the item of a contact that has written or called.
    pub instance_id: Option<InstanceId>,
    /// The order of that index.
    pub listed_at: Option<Timestamp>,
    pub last_inbound_at: Option<Timestamp>,
    pub last_other_at: Option<Timestamp>,
    pub name: Option<String>,
    pub username: Option<String>,
    pub marketing: Option<MarketingWish>,
    pub expires_at: i64,
}

impl ContactItem {
    /// The contact, if this is the item that lists its aliases.
    pub fn contact(mut self) -> Option<Contact> {
        let activity = Activity {
            last_inbound_at: self.last_inbound_at,
            last_other_at: self.last_other_at,
            name: self.name.take(),
            username: self.username.take(),
            marketing: self.marketing,
            listed_at: self.listed_at,
        };
        let (aliases, groups) = (std::mem::take(&mut self.aliases), std::mem::take(&mut self.groups));
        let chat = self.root.clone();
        let stored = Some(self.stored());
        (!aliases.is_empty()).then_some(Contact { chat, aliases, groups, activity, stored })
    }

    /// What an item says without the one that it points to: that two aliases are one person.
    pub fn pair(self, alias: &Alias) -> Contact {
        let (chat, aliases) = (self.root.clone(), vec![self.root.clone(), alias.clone()]);
        Contact { chat, aliases, groups: Vec::new(), activity: Activity::default(), stored: Some(self.stored()) }
    }

    fn stored(self) -> Stored {
        let Self { version, since, erasing, events, expires_at, .. } = self;
        Stored { version, since, erasing, events, expires_at }
    }
}

/// The id of an alias's item.
pub(super) fn item_id(instance: &InstanceId, alias: &Alias) -> String {
    format!("{instance}#{alias}")
}

/// The key of an alias's item.
pub(super) fn item_key(instance: &InstanceId, alias: &Alias) -> Item {
    HashMap::from([("id".to_owned(), AttributeValue::S(item_id(instance, alias)))])
}
