//! Finds the message that a received one answers, reacts to, edits or revokes: WhatsApp names it by its own id.

use shared::aws::TableError;
use shared::message::{History, Message, Page, inbound_id};

use crate::receiver::Receiver;

/// Messages of a conversation that are looked at together, newest first: most answers are to one of the last.
const PAGES: [usize; 3] = [10, 90, 100];

impl Receiver {
    /// Notes our id of the message that a received one is about, if it is one of the last 200 of its conversation, or one that
    /// the number received. An index by WhatsApp's id would cost a write unit for each message that is sent.
    pub async fn find_target(&self, message: &mut Message, number_id: &str) -> Result<(), TableError> {
        let context = message.received.as_ref().and_then(|received| received.context.as_ref());
        let Some(target) = context.and_then(|context| context.provider_id.clone()) else { return Ok(()) };
        let received = inbound_id(&message.account_id, number_id, &target);
        let found = match self.messages.get_eventually(&received).await? {
            Some(_) => Some(received),
            None => self.find_in_conversation(message, &target).await?.map(|found| found.id),
        };
        if let Some(context) = message.received.as_mut().and_then(|received| received.context.as_mut()) {
            context.message_id = found;
        }
        Ok(())
    }

    async fn find_in_conversation(&self, message: &Message, target: &str) -> Result<Option<Message>, TableError> {
        let history = History::Conversation(&message.conversation);
        let mut last: Option<Message> = None;
        for limit in PAGES {
            let page = last.as_ref().map_or(Page::Newest, Page::Before);
            let (messages, has_more) = self.messages.history(&history, &page, limit).await?;
            last = messages.last().cloned();
            if let Some(found) = messages.into_iter().find(|it| it.provider_id.as_deref() == Some(target)) {
                return Ok(Some(found));
            }
            if !has_more || last.is_none() {
                break;
            }
        }
        Ok(None)
    }
}
