//! Inbound messages: recorded once, however often WhatsApp repeats them.

use std::time::Duration;

use shared::clock::{self, Timestamp};
use shared::contact::ObservedContact;
use shared::instance::NumberOwner;
use shared::ledger::reservation::new_nonce;
use shared::message::record_keys::{conversation_key, group_chat};
use shared::message::{Draft, Message, Quoted, inbound_id};
use shared::whatsapp::ReceivedMessage;
use shared::whatsapp::received_content::received_content;

use crate::messages_of_callback::{MessagesOfCallback, time_of};
use crate::receiver::Receiver;
use crate::store_error::StoreError;
use crate::unowned;

impl Receiver {
    /// Records a message, of a callback that came `now`, for the number's owner. One to a number that belongs to nobody is
    /// logged and acknowledged.
    /// `owner` is the one whose app signed the callback, if that was not the deployment's; `beside` are the callback's messages.
    pub async fn store_message(
        &self,
        received: ReceivedMessage,
        owner: Option<&NumberOwner>,
        beside: &MessagesOfCallback,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let current = match owner {
            Some(owner) => Some(owner.clone()),
            None => self.current_owner(&received.number_id).await?,
        };
        let Some(owner) = current else {
            unowned::NUMBERS.note();
            return Ok(());
        };
        let at = time_of(&received, now);
        let activity = beside.activity_of_sender(&received);
        let group = received.more.group_id.as_deref();
        let observed = ObservedContact::new(&received.from, received.aliases).in_group(group).doing(activity);
        let joined = self.contacts.join((&owner.account_id, &owner.instance_id), &observed).await?;
        let id = inbound_id(&owner.account_id, &received.number_id, &received.provider_id);
        let draft = Draft {
            account_id: owner.account_id,
            instance_id: owner.instance_id,
            to: received.from,
            content: received_content(&received.kind, received.object.as_deref()),
            quoted: received.quoted.map(Quoted::Provider),
            metadata: None,
            reference: None,
            body_hash: None,
            slot: at,
            bulk: None,
            batch_row: None,
            send_at: None,
            is_marketing: false,
            expires_in: Duration::ZERO,
            retention: self.retention,
        };
        let received_message = Message::received(draft, id, new_nonce(), received.provider_id, at);
        let mut message = Message { contact_name: received.contact_name, ..received_message };
        message.contact_chat = Some(joined.contact.chat.clone()).filter(|chat| *chat != message.contact);
        if let Some(group) = &received.more.group_id {
            message.conversation = conversation_key(&message.instance_id, &group_chat(group));
            message.contact_chat = None;
        }
        message.received = Some(Box::new(received.more));
        self.find_referenced_message(&mut message, &received.number_id, &joined.contact, beside).await?;
        let is_new = self.messages.insert_received(&mut message).await?;
        self.files.keep(&message, clock::now()).await?;
        if !is_new {
            // WhatsApp repeats the callback; the message may have been erased since.
            return Ok(self.contacts.undo_if_erased(&message.id, &message.instance_id, &joined).await?);
        }
        let kind = message.content.logged_kind();
        tracing::info!(message_id = %message.id, instance_id = %message.instance_id, kind, "message.received");
        Ok(self.contacts.join_again((&message.account_id, &message.instance_id), &observed, &joined).await?)
    }

    /// The owner of a number, read for each message: a cached one may have lost the number to another account.
    pub async fn current_owner(&self, number_id: &str) -> Result<Option<NumberOwner>, StoreError> {
        if let Some(owner) = self.accounts.number_owner(number_id).await? {
            return Ok(Some(owner));
        }
        match self.accounts.freed_number(number_id).await? {
            Some(freed) if freed.is_between_owners(clock::now()) => Err(StoreError::BetweenOwners(freed.instance_id)),
            _ => Ok(None),
        }
    }
}
