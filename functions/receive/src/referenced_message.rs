//! Finds the message that a received one answers, reacts to, edits or revokes: WhatsApp names it by its own id.

use shared::aws::TableError;
use shared::contact::Contact;
use shared::message::{History, HistoryPage, Message, Span, inbound_id};

use crate::messages_of_callback::MessagesOfCallback;
use crate::receiver::Receiver;

/// Messages of a conversation that are looked at together, newest first: most answers are to one of the last.
const PAGES: [usize; 3] = [10, 90, 100];

impl Receiver {
    /// Notes our id of the message that a received one is about, if it is one of the last 200 of its conversation, which is the
    /// `contact`'s unless it is a group's, or one that the number received, before or in the same callback. An index by
    /// WhatsApp's id would cost a write unit for each message that is sent.
    pub async fn find_referenced_message(
        &self,
        message: &mut Message,
        number_id: &str,
        contact: &Contact,
        beside: &MessagesOfCallback,
    ) -> Result<(), TableError> {
        let context = message.received.as_ref().and_then(|received| received.context.as_ref());
        let Some(referenced) = context.and_then(|context| context.provider_id.clone()) else { return Ok(()) };
        let received = inbound_id(&message.account_id, number_id, &referenced);
        let found =
            if beside.contains(number_id, &referenced) || self.messages.get_eventually(&received).await?.is_some() {
                Some(received)
            } else {
                self.find_in_conversation(message, &referenced, contact).await?.map(|found| found.id)
            };
        if let Some(context) = message.received.as_mut().and_then(|received| received.context.as_mut()) {
            context.message_id = found;
        }
        Ok(())
    }

    async fn find_in_conversation(
        &self,
        message: &Message,
        referenced: &str,
        contact: &Contact,
    ) -> Result<Option<Message>, TableError> {
        let keys = if message.group().is_none() && contact.aliases.len() > 1 {
            // All aliases: what is known without this read are two of them.
            let contact = self.contacts.resolve(&message.instance_id, &message.contact).await?;
            contact.conversations(&message.instance_id)
        } else {
            vec![message.conversation.clone()]
        };
        let history = History::Conversations(&keys);
        let mut span = Span::newest_first();
        for limit in PAGES {
            let HistoryPage { messages, next } = self.messages.history(&history, &span, limit).await?;
            if let Some(found) = messages.into_iter().find(|it| it.provider_id.as_deref() == Some(referenced)) {
                return Ok(Some(found));
            }
            let Some(next) = next else { break };
            span = span.behind(&next);
        }
        Ok(None)
    }
}
