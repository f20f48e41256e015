//! The end of all contacts of an instance whose account is closing: nobody joins them any more, and no version is looked at.

use std::collections::BTreeSet;

use super::item::{Contact, ContactItem, item_id};
use super::repository::{Contacts, text};
use crate::alias::Alias;
use crate::aws::{Item, ItemKey, TableError, delete_batch};
use crate::ids::InstanceId;
use crate::message::MAX_PAGE;

impl Contacts {
    /// Deletes the people who have any of these aliases, under all of their aliases, and their events in the outbox.
    pub async fn delete_people<'a>(
        &self,
        instance: &InstanceId,
        aliases: impl IntoIterator<Item = &'a Alias>,
    ) -> Result<(), TableError> {
        let mut ids: BTreeSet<String> = aliases.into_iter().map(|alias| item_id(instance, alias)).collect();
        let named = self.read_all(ids.iter().cloned().map(key).collect()).await?;
        let roots = named.iter().map(|item| item_id(instance, &item.root)).filter(|root| !ids.contains(root));
        let roots: BTreeSet<String> = roots.collect();
        let roots = self.read_all(roots.into_iter().map(key).collect()).await?;
        let people: Vec<Contact> = named.into_iter().chain(roots).filter_map(ContactItem::contact).collect();
        let events = people.iter().filter_map(|person| person.stored.as_ref()).flat_map(|stored| &stored.events);
        self.accounts.delete_all(events.map(|event| ItemKey::event(event)).collect()).await?;
        ids.extend(people.iter().flat_map(|person| &person.aliases).map(|alias| item_id(instance, alias)));
        delete_batch(&self.client, &self.table, ids.into_iter().map(key).collect()).await
    }

    /// Deletes people who have written or called, and of whom no message is left. `false` when there is none.
    pub async fn delete_people_heard(&self, instance: &InstanceId) -> Result<bool, TableError> {
        let page = self.list_chats(instance, None, MAX_PAGE).await?;
        self.delete_people(instance, page.contacts.iter().map(|person| &person.chat)).await?;
        Ok(!page.contacts.is_empty())
    }
}

fn key(id: String) -> Item {
    Item::from([("id".to_owned(), text(id))])
}
