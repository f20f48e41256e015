//! Files of received messages, which are fetched when they come if the operator wants to keep them (`InboundMedia`).

use std::time::Duration;

use aws_sdk_sqs::Client;
use shared::aws::{AccountsTable, EnvironmentError, environment};
use shared::clock::Timestamp;
use shared::media::{MediaJob, MediaQueue};
use shared::message::Message;

use crate::store_error::StoreError;

/// Has the files of received messages fetched.
pub struct ReceivedFiles {
    accounts: AccountsTable,
    /// None if they are fetched when customers ask for them.
    queue: Option<MediaQueue>,
}

impl ReceivedFiles {
    /// As `INBOUND_MEDIA` says: `keep`, or `request`.
    pub fn from_environment(accounts: AccountsTable, sqs: Client) -> Result<Self, EnvironmentError> {
        let queue = match environment::text("INBOUND_MEDIA")?.as_str() {
            "request" => None,
            "keep" => Some(MediaQueue::from_environment(sqs)?),
            other => return Err(EnvironmentError::Invalid("INBOUND_MEDIA", format!("can't be {other}"))),
        };
        Ok(Self { accounts, queue })
    }

    /// Has the file of a received message fetched, if it has one. Done again for a callback that WhatsApp repeats, since this may have
    /// failed after the message was stored; what was asked for a moment ago, or is stored, is asked for no more.
    pub async fn keep(&self, message: &Message, now: Timestamp) -> Result<(), StoreError> {
        let Some(queue) = &self.queue else { return Ok(()) };
        let place = (&message.account_id, &message.id);
        if message.received_file().is_none()
            || !self.accounts.request_inbound_file(place, message.expires_at, now).await?
        {
            return Ok(());
        }
        let (account_id, message_id) = (message.account_id.clone(), message.id.clone());
        let job = MediaJob::Fetch { account_id, message_id, requested_at: Some(now) };
        Ok(queue.enqueue(&job, Duration::ZERO).await?)
    }
}
