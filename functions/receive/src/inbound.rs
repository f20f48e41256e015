//! Inbound messages: recorded once, however often WhatsApp repeats them.

use std::time::Duration;

use shared::aws::TableError;
use shared::clock;
use shared::ledger::Lane;
use shared::ledger::reservation::new_nonce;
use shared::message::{Draft, Message, Quoted, inbound_id};
use shared::whatsapp::ReceivedMessage;
use shared::whatsapp::callback::event_time;
use shared::whatsapp::received_content::received_content;

use crate::receiver::Receiver;

impl Receiver {
    /// Records a message. One to a number that no instance is connected to is logged and acknowledged.
    pub async fn store_message(&self, received: ReceivedMessage) -> Result<(), TableError> {
        let Some(owner) = self.number_owners.get(&received.number_id).await? else {
            tracing::warn!("callback.number_unknown");
            return Ok(());
        };
        let at = event_time(received.time(), clock::now());
        let id = inbound_id(&owner.account_id, &received.number_id, &received.provider_id);
        let draft = Draft {
            account_id: owner.account_id,
            instance_id: owner.instance_id,
            to: received.from,
            content: received_content(&received.kind, &received.json),
            quoted: received.quoted.map(Quoted::Provider),
            metadata: None,
            body_hash: None,
            slot: at,
            lane: Lane::Express,
            expires_in: Duration::ZERO,
            retention: self.retention,
        };
        let message = Message {
            contact_name: received.contact_name,
            ..Message::received(draft, id, new_nonce(), received.provider_id, at)
        };
        if self.messages.insert(&message).await?.is_applied() {
            let kind = message.content.kind();
            tracing::info!(message_id = %message.id, instance_id = %message.instance_id, kind, "message.received");
        }
        Ok(())
    }
}
