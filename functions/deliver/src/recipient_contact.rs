//! The recipient as WhatsApp calls it in its response.

use shared::alias::Alias;
use shared::aws::TableError;
use shared::contact::ObservedContact;
use shared::message::Message;

use crate::deliverer::Deliverer;

impl Deliverer {
    /// Whether a message's recipient has opted out of marketing, as far as is known: WhatsApp decides when the table does not
    /// answer.
    pub async fn has_opted_out(&self, message: &Message) -> bool {
        match self.contacts.resolve(&message.instance_id, &message.contact).await {
            Ok(contact) => contact.activity.is_opted_out(),
            Err(error) => {
                tracing::warn!(message_id = %message.id, %error, "contact.read_failed");
                false
            }
        }
    }

    /// Joins what a message was sent to with what WhatsApp calls its recipient, if that is something else. A failure changes
    /// nothing about the message, and the status callbacks name the recipient again.
    pub async fn join_recipient(&self, message: &Message, recipient: Vec<Alias>) {
        let observed = ObservedContact::new(&message.contact, recipient).since(message.created_at);
        if observed.is_pair()
            && let Err(error) = self.try_to_join(message, &observed).await
        {
            tracing::warn!(message_id = %message.id, %error, "contact.join_failed");
        }
    }

    async fn try_to_join(&self, message: &Message, observed: &ObservedContact) -> Result<(), TableError> {
        let joined = self.contacts.join((&message.account_id, &message.instance_id), observed).await?;
        self.contacts.undo_if_erased(&message.id, &message.instance_id, &joined).await
    }
}
