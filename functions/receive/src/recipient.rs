//! People whom WhatsApp calls otherwise: the recipient of a message in a status, and somebody whose user id has changed.

use shared::aws::TableError;
use shared::contact::ObservedContact;
use shared::instance::NumberOwner;
use shared::message::Message;
use shared::whatsapp::{ReportedStatus, StatusUpdate, UserIdChange};

use crate::app_secrets::Owners;
use crate::receiver::Receiver;

impl Receiver {
    /// Joins what a message was sent to with what WhatsApp calls its recipient. That it was read says nothing that its delivery
    /// has not said. A status is about a message of its own number; one that an app of the customer's own signed, which has
    /// `owners`, only about one of the instance that the number belongs to.
    pub async fn join_recipient(
        &self,
        message: &Message,
        update: StatusUpdate,
        owners: Option<&Owners>,
    ) -> Result<(), TableError> {
        let is_own = owners.is_none_or(|owners| {
            owners.get(&update.number_id).is_some_and(|owner| owner.instance_id == message.instance_id)
        });
        let is_of_number = message.number_id.as_ref() == Some(&update.number_id);
        let is_read = matches!(update.status.status, ReportedStatus::Read | ReportedStatus::Played);
        let observed = ObservedContact::new(&message.contact, update.status.recipient).since(message.created_at);
        if !is_own || !is_of_number || is_read && message.delivered_at.is_some() || !observed.is_news() {
            return Ok(());
        }
        let joined = self.contacts.join((&message.account_id, &message.instance_id), &observed).await?;
        self.contacts.undo_if_erased(&message.id, &message.instance_id, &joined).await
    }

    /// Joins the user ids of before and after a change. The join publishes it, if the person is known.
    pub async fn join_user_ids(&self, change: &UserIdChange, owner: &NumberOwner) -> Result<(), TableError> {
        let mut aliases = change.aliases.iter().cloned();
        let Some(first) = aliases.next() else { return Ok(()) };
        let observed = ObservedContact::new(&first, aliases);
        self.contacts.join((&owner.account_id, &owner.instance_id), &observed).await.map(drop)
    }
}
