//! Joining aliases: one conditional transaction over all items that it changes, built from what was last read of them. So any
//! number of joins may run at once, and break off anywhere: the contact is whole, and the next callback joins it again.

use std::collections::HashSet;
use std::sync::Arc;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};

use super::event::updated;
use super::item::{Contact, ContactItem, Stored};
use super::merge::{MAX_ALIASES, merge};
use super::observed_contact::{ContactScope, Joined, MAX_CACHE_AGE, ObservedContact};
use super::repository::{Contacts, text};
use crate::alias::Alias;
use crate::aws::TableError;
use crate::aws::conditional_write::{transact, until_applied};
use crate::clock::{self, Timestamp};
use crate::ids::{InstanceId, RequestId};
use crate::message::record_keys::conversation_key;

/// One of the contacts that become one, as it was read.
struct MergeInput {
    contact: Contact,
    /// The version of the item under its `chat`.
    seen: Option<String>,
}

/// Whether a contact that was known has more aliases now. The first two aliases of a person are no news, whatever the person
/// did under the first one.
fn is_updated(contact: &Contact, inputs: &[MergeInput]) -> bool {
    let mut known = inputs.iter().filter(|input| input.contact.leads_further()).peekable();
    known.peek().is_some() && known.all(|input| input.contact.aliases.len() < contact.aliases.len())
}

/// Whether no alias is in two of the contacts. One that is was moved between the reads, and the older read would escape the
/// conditions of the write.
fn are_apart(inputs: &[MergeInput]) -> bool {
    let mut seen = HashSet::new();
    inputs.iter().flat_map(|input| &input.contact.aliases).all(|alias| seen.insert(alias))
}

/// Whether contacts of which no alias is in two would have more aliases together than are kept.
fn have_too_many_aliases(inputs: &[MergeInput]) -> bool {
    inputs.iter().map(|input| input.contact.aliases.len()).sum::<usize>() > MAX_ALIASES
}

impl Contacts {
    /// Makes the aliases that were observed one contact that did what was observed, and returns it. Writes nothing if it
    /// is, and reads nothing if this process has just seen that.
    pub async fn join(&self, scope: ContactScope<'_>, observed: &ObservedContact) -> Result<Joined, TableError> {
        let (_, instance) = scope;
        let key = (instance.clone(), observed.aliases[0].clone());
        let cached = self.cached.get(&key).filter(|known| observed.is_named_in(&known.contact));
        if let Some(known) = cached.as_ref().filter(|known| observed.is_in(&known.contact)) {
            return Ok((**known).clone());
        }
        let read_at = clock::now();
        let found = match cached {
            Some(known) => Some(known.contact.clone()),
            None => self.look_up(instance, observed).await?,
        };
        let contact = match found {
            None if !observed.has_more_than_an_alias() => {
                return Ok(Joined { contact: Contact::alone(&observed.aliases[0]), is_new: false, read_at });
            }
            None => None,
            Some(contact) if self.is_settled(&contact, observed, read_at) => Some(contact),
            Some(contact) => self.note_activity(instance, contact, observed, read_at).await?,
        };
        let joined = match contact {
            Some(contact) => Joined { contact, is_new: false, read_at },
            None => {
                let joined = until_applied(|| self.try_to_join(scope, observed, read_at)).await?;
                joined.ok_or(TableError::Conflict)?
            }
        };
        let age_left = clock::now().until(read_at.plus(MAX_CACHE_AGE));
        self.cached.put(key, Arc::new(Joined { is_new: false, ..joined.clone() }), age_left);
        Ok(joined)
    }

    /// Joins again what was joined before a record was written, if an erasure may have ended in between: the record would be of
    /// a contact that is gone.
    pub async fn join_again(
        &self,
        scope: ContactScope<'_>,
        observed: &ObservedContact,
        joined: &Joined,
    ) -> Result<(), TableError> {
        if observed.is_news() && joined.read_at.plus(MAX_CACHE_AGE) <= clock::now() {
            self.join(scope, observed).await?;
        }
        Ok(())
    }

    /// What the table says of the first alias that was observed, with as few reads as it takes. Eventually consistent: what is missing
    /// is read again before it is written.
    async fn look_up(&self, instance: &InstanceId, observed: &ObservedContact) -> Result<Option<Contact>, TableError> {
        let alias = &observed.aliases[0];
        let Some(item) = self.read(instance, alias, false).await? else { return Ok(None) };
        if item.root == *alias {
            return Ok(item.contact());
        }
        let root = item.root.clone();
        let pair = item.pair(alias);
        if observed.is_in(&pair) {
            return Ok(Some(pair));
        }
        Ok(self.read(instance, &root, false).await?.and_then(ContactItem::contact))
    }

    /// Whether nothing has to be written: the contact has what was observed, outlives its messages, and nobody erases it.
    fn is_settled(&self, contact: &Contact, observed: &ObservedContact, now: Timestamp) -> bool {
        observed.is_in(contact) && self.is_lasting(contact, now)
    }

    /// Whether a contact outlives its messages, and nobody erases it.
    pub(super) fn is_lasting(&self, contact: &Contact, now: Timestamp) -> bool {
        let is_lasting =
            |stored: &Stored| stored.erasing.is_none() && stored.expires_at >= now.plus(self.retention).secs();
        contact.stored.as_ref().is_some_and(is_lasting)
    }

    /// Reads the contacts of all aliases that were observed and makes them one. `None` when they were changed meanwhile.
    async fn try_to_join(
        &self,
        scope: ContactScope<'_>,
        observed: &ObservedContact,
        read_at: Timestamp,
    ) -> Result<Option<Joined>, TableError> {
        let (_, instance) = scope;
        let mut inputs = self.merge_inputs(instance, observed).await?;
        if !are_apart(&inputs) {
            return Ok(None);
        }
        let first = inputs[0].contact.clone();
        if inputs.len() == 1 && self.is_settled(&first, observed, read_at) {
            return Ok(Some(Joined { contact: first, is_new: false, read_at }));
        }
        let is_full = have_too_many_aliases(&inputs);
        if is_full {
            tracing::warn!(instance_id = %instance, "contact.too_many_aliases");
            // What the person did is noted all the same.
            let known = inputs.iter().position(|input| input.contact.is_stored()).unwrap_or_default();
            inputs = vec![inputs.swap_remove(known)];
            let known = &inputs[0].contact;
            if self.is_lasting(known, read_at) && known.activity.includes(&observed.activity) {
                return Ok(Some(Joined { contact: first, is_new: false, read_at }));
            }
        }
        let mut contacts = Vec::with_capacity(inputs.len());
        for input in &inputs {
            contacts.push((input.contact.clone(), self.age(instance, &input.contact, observed).await?));
        }
        let learned = (observed.group.as_deref(), &observed.activity);
        let mut contact = merge(contacts, learned, (read_at, self.retention), RequestId::generate().to_string());
        let is_new = inputs.iter().all(|input| !input.contact.is_stored());
        let event = is_updated(&contact, &inputs).then(|| updated(scope, &contact, read_at));
        if let (Some(event), Some(stored)) = (&event, &mut contact.stored) {
            stored.events.push(event.subject.clone());
        }
        let mut writes = self.writes(instance, &contact, &inputs, read_at)?;
        if let Some(event) = &event {
            writes.push(self.accounts.put_event_in_transaction(event)?);
        }
        if !transact(&self.client, writes).await?.is_applied() {
            return Ok(None);
        }
        tracing::info!(instance_id = %instance, aliases = contact.aliases.len(), is_new, "contact.joined");
        let contact = if is_full { first } else { contact };
        Ok(Some(Joined { contact, is_new, read_at }))
    }

    /// The contacts of the aliases that were observed.
    async fn merge_inputs(
        &self,
        instance: &InstanceId,
        observed: &ObservedContact,
    ) -> Result<Vec<MergeInput>, TableError> {
        let mut inputs: Vec<MergeInput> = Vec::new();
        for alias in &observed.aliases {
            if !inputs.iter().any(|input| input.contact.aliases.contains(alias)) {
                inputs.push(self.merge_input(instance, alias).await?);
            }
        }
        Ok(inputs)
    }

    /// The contact of an alias, strongly consistent, with what its write depends on.
    async fn merge_input(&self, instance: &InstanceId, alias: &Alias) -> Result<MergeInput, TableError> {
        let Some(item) = self.read(instance, alias, true).await? else {
            return Ok(MergeInput { contact: Contact::alone(alias), seen: None });
        };
        let seen = Some(item.version.clone());
        let root = if item.root == *alias { Some(item) } else { self.read(instance, &item.root, true).await? };
        let contact = root.and_then(ContactItem::contact).filter(|contact| contact.aliases.contains(alias));
        Ok(match contact {
            Some(contact) => MergeInput { seen: contact.stored.as_ref().map(|stored| stored.version.clone()), contact },
            // It was changed between the reads; or it points nowhere, and is replaced.
            None => MergeInput { contact: Contact::alone(alias), seen },
        })
    }

    /// Since when a contact has a conversation.
    async fn age(
        &self,
        instance: &InstanceId,
        contact: &Contact,
        observed: &ObservedContact,
    ) -> Result<Option<Timestamp>, TableError> {
        if let Some(since) = contact.stored.as_ref().and_then(|stored| stored.since) {
            return Ok(Some(since));
        }
        let first = self.messages.first_at(&conversation_key(instance, contact.chat.as_str())).await?;
        let of_record = observed.since.filter(|_| contact.chat == observed.aliases[0]);
        Ok(first.into_iter().chain(of_record).min())
    }

    /// The items that change: each under the condition that it is as it was read.
    fn writes(
        &self,
        instance: &InstanceId,
        contact: &Contact,
        inputs: &[MergeInput],
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        let kept = inputs.iter().map(|input| &input.contact).find(|input| input.chat == contact.chat);
        let lasts = |input: &&Contact| {
            let (old, new) = (input.stored.as_ref(), contact.stored.as_ref());
            old.is_some_and(|old| old.erasing.is_none() && new.is_some_and(|new| new.expires_at == old.expires_at))
        };
        let unchanged = kept.filter(lasts).map_or(&[][..], |input| &input.aliases);
        let mut writes = Vec::new();
        for (alias, item) in contact.aliases.iter().zip(contact.items(instance)) {
            if *alias != contact.chat && unchanged.contains(alias) {
                continue;
            }
            let put = Put::builder().table_name(&self.table).set_item(Some(serde_dynamo::to_item(item)?));
            let put = match inputs.iter().find(|input| input.contact.chat == *alias) {
                Some(MergeInput { seen: Some(version), .. }) => put
                    .condition_expression("version = :version")
                    .expression_attribute_values(":version", text(version.clone())),
                Some(MergeInput { seen: None, .. }) => put
                    .condition_expression("attribute_not_exists(id) OR expiresAt <= :now")
                    .expression_attribute_values(":now", serde_dynamo::to_attribute_value(now.secs())?),
                // It changes with the item that it points to, whose version is checked.
                None => put,
            };
            writes.push(TransactWriteItem::builder().put(put.build().expect("table and item are set")).build());
        }
        Ok(writes)
    }
}
