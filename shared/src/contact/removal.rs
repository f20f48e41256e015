//! The end of a contact: an erasure marks it, and deletes it when no process can rely on what it read before.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};

use super::item::{Contact, Stored, item_key};
use super::observed_contact::Joined;
use super::repository::{Contacts, text};
use crate::alias::Alias;
use crate::aws::conditional_write::transact;
use crate::aws::{ItemKey, TableError, UpdateBuilder};
use crate::clock;
use crate::ids::{InstanceId, MessageId, RequestId};

impl Contacts {
    /// Marks a contact that is being erased: from now on nobody caches it, and whoever joins it removes the mark. One that is
    /// marked stays as it is, and so does one whose messages are found without it. `None` when it was changed since it was read.
    pub async fn mark_erasing(&self, instance: &InstanceId, contact: Contact) -> Result<Option<Contact>, TableError> {
        let is_to_mark = |stored: &Stored| stored.erasing.is_none() && contact.leads_further();
        let Some(stored) = contact.stored.clone().filter(is_to_mark) else {
            return Ok(Some(contact));
        };
        let marked =
            Stored { erasing: Some(clock::now()), version: RequestId::generate().to_string(), ..stored.clone() };
        let contact = Contact { stored: Some(marked), ..contact };
        let mut writes = Vec::with_capacity(contact.aliases.len());
        for (alias, item) in contact.aliases.iter().zip(contact.items(instance)) {
            let mut put = Put::builder().table_name(&self.table).set_item(Some(serde_dynamo::to_item(item)?));
            if *alias == contact.chat {
                put = put.condition_expression("version = :version");
                put = put.expression_attribute_values(":version", text(stored.version.clone()));
            }
            writes.push(TransactWriteItem::builder().put(put.build().expect("table and item are set")).build());
        }
        Ok(transact(&self.client, writes).await?.is_applied().then_some(contact))
    }

    /// Deletes a contact and its events in the outbox. `false` when it was changed since it was read.
    pub async fn delete(&self, instance: &InstanceId, contact: &Contact) -> Result<bool, TableError> {
        let Some(stored) = &contact.stored else { return Ok(true) };
        let delete = |alias: &Alias| {
            let condition = UpdateBuilder::new();
            let is_root = *alias == contact.chat;
            let condition = if is_root { condition.when_equal("version", &stored.version) } else { condition };
            condition.deletion_in_transaction(&self.table, item_key(instance, alias))
        };
        let events = stored.events.iter().map(|subject| {
            UpdateBuilder::new().deletion_in_transaction(&self.accounts.name, ItemKey::event(subject).into())
        });
        let deletes = contact.aliases.iter().map(delete).chain(events).collect();
        Ok(transact(&self.client, deletes).await?.is_applied())
    }

    /// Deletes a contact that was just made of a message, if the message was erased meanwhile: the erasure did not see it.
    pub async fn undo_if_erased(
        &self,
        message: &MessageId,
        instance: &InstanceId,
        joined: &Joined,
    ) -> Result<(), TableError> {
        let is_erased = joined.is_new && self.messages.get(message).await?.is_none();
        if is_erased && self.delete(instance, &joined.contact).await? {
            tracing::info!(instance_id = %instance, "contact.undone");
        }
        Ok(())
    }
}
