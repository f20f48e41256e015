//! The file of a received message: from WhatsApp into the bucket.

use std::time::{Duration, SystemTime};

use shared::aws::ProcessingError;
use shared::clock::{self, Timestamp};
use shared::ids::{AccountId, MessageId};
use shared::lease::{self, remaining};
use shared::media::inbound::InboundStatus;
use shared::message::received_file::kept_until;
use shared::message::{Content, Message, ReceivedFile, Stored};
use shared::whatsapp::{ErrorScope, ManagementError, Reaction, WhatsAppClient};

use crate::jobs::Next;
use crate::mover::Mover;
use crate::number::Connection;
use crate::upload::{RECORD_TIME, wait_after};

/// The wait for another process, or for a table or a bucket.
const SOON: Duration = Duration::from_secs(2);

/// The result of an attempt.
enum Attempt {
    /// The file is in the bucket, or WhatsApp has it no more.
    Ended(InboundStatus),
    /// It is to be fetched again.
    Again(String),
    /// The account keeps as many bytes of received files as it may.
    OverBound,
}

impl Mover {
    /// Fetches the file of a received message for the request that was made then. What is erased meanwhile does not stay.
    pub async fn fetch(
        &self,
        place: (&AccountId, &MessageId),
        request: Option<Timestamp>,
        deadline: SystemTime,
    ) -> Result<Next, ProcessingError> {
        let now = clock::now();
        let (account, id) = place;
        let Some(file) = self.accounts.inbound_file(account, id).await? else {
            // An erasure has deleted it while an attempt, which may have broken off since, was storing the file.
            let message = self.message(account, id).await?;
            return if message.is_none() { self.forget(account, id).await } else { Ok(Next::Done) };
        };
        if !file.is_awaited(request, now) {
            return Ok(Next::Done);
        }
        if let Some(lease) = file.lease.filter(|lease| *lease > now) {
            return Ok(Next::Later(now.until(lease)));
        }
        let Some(message) = self.message(account, id).await? else { return self.forget(account, id).await };
        let lease = now.plus(lease::length(deadline));
        let Some(claimed) = self.accounts.claim_inbound_file(place, now, lease).await? else {
            return Ok(Next::Later(SOON));
        };
        let attempt = self.fetch_once(&message, remaining(deadline).saturating_sub(RECORD_TIME)).await?;
        // An erasure writes its tombstone first and deletes the object then, so one of the two finds the other's work.
        if self.message(account, id).await?.is_none() {
            return self.forget(account, id).await;
        }
        match attempt {
            // What WhatsApp has deleted nobody can fetch, whatever kept this one from it.
            Attempt::Again(reason) if clock::now() >= kept_until(&message) => {
                tracing::warn!(message_id = %id, attempt = claimed.attempt, reason, "media.fetch_given_up");
                self.accounts.end_inbound_attempt(place, claimed.attempt, InboundStatus::Gone).await?;
                Ok(Next::Done)
            }
            Attempt::Ended(status) => {
                self.accounts.end_inbound_attempt(place, claimed.attempt, status).await?;
                tracing::info!(message_id = %id, attempt = claimed.attempt, ?status, "media.fetched");
                Ok(Next::Done)
            }
            Attempt::OverBound => {
                tracing::warn!(message_id = %id, account_id = %account, "media.over_bound");
                self.accounts.note_over_bound(place, claimed.attempt).await?;
                Ok(Next::Done)
            }
            Attempt::Again(reason) => {
                tracing::warn!(message_id = %id, attempt = claimed.attempt, reason, "media.fetch_failed");
                self.accounts.end_inbound_attempt(place, claimed.attempt, InboundStatus::Fetching).await?;
                Ok(Next::Later(wait_after(claimed.attempt)))
            }
        }
    }

    /// The message, unless it was erased or is forgotten.
    async fn message(&self, account: &AccountId, id: &MessageId) -> Result<Option<Box<Message>>, ProcessingError> {
        let stored = self.messages.get_stored(id).await?.and_then(Stored::message);
        Ok(stored.filter(|message| message.account_id == *account))
    }

    /// Deletes what was fetched of an erased message.
    async fn forget(&self, account: &AccountId, id: &MessageId) -> Result<Next, ProcessingError> {
        if let Err(error) = self.bucket.delete_inbound(account, id).await {
            tracing::error!(message_id = %id, %error, "media.bucket_failed");
            return Ok(Next::Later(SOON));
        }
        self.accounts.delete_inbound_file(account, id).await?;
        Ok(Next::Done)
    }

    async fn fetch_once(&self, message: &Message, time: Duration) -> Result<Attempt, ProcessingError> {
        let Some(file) = self.received_file(message).await? else {
            return Ok(Attempt::Ended(InboundStatus::Gone));
        };
        let connection = match self.connection(&message.account_id, &message.instance_id).await? {
            Ok(connection) => connection,
            Err(reason) => return Ok(Attempt::Again(reason.to_string())),
        };
        let Connection { number_id, token, .. } = &connection;
        let described = match self.whatsapp.media_url(&file.id, number_id, token).await {
            Ok(described) => described,
            Err(ManagementError::Unavailable(reason)) => return Ok(Attempt::Again(reason)),
            Err(ManagementError::Refused(error)) => {
                // Not of every error that would stop a number: a permission may be missing for this file alone.
                if error.meaning().scope == ErrorScope::Token {
                    self.disconnect_refused(&connection, &error).await?;
                }
                return Ok(match error.meaning().reaction {
                    // Of a message this would be the number; here it is the file.
                    _ if error.names_no_object() => Attempt::Ended(InboundStatus::Gone),
                    Reaction::Fail => Attempt::Ended(InboundStatus::Gone),
                    _ => Attempt::Again(format!("WhatsApp's error {}", error.code)),
                });
            }
        };
        let url = match self.outbound.check_https(&described.url) {
            Ok(url) => url,
            Err(error) => return Ok(Attempt::Again(format!("WhatsApp's URL {error}"))),
        };
        let opened = WhatsAppClient::open_media(&self.outbound, &url, token, time).await;
        let (size, bytes) = match opened {
            Ok(opened) => opened,
            Err(reason) => return Ok(Attempt::Again(reason)),
        };
        let (account, now) = (&message.account_id, clock::now());
        if !self.accounts.reserve_received(account, size, self.received_bounds, now).await? {
            return Ok(Attempt::OverBound);
        }
        let mime_type = described.mime_type.or(file.mime_type);
        let stored = self.bucket.put_inbound((account, &message.id), mime_type.as_deref(), (size, bytes), time);
        Ok(match stored.await {
            Ok(()) => Attempt::Ended(InboundStatus::Stored),
            Err(error) => {
                self.accounts.release_received(account, size, now).await?;
                Attempt::Again(error.to_string())
            }
        })
    }

    /// What WhatsApp said of the file.
    async fn received_file(&self, message: &Message) -> Result<Option<ReceivedFile>, ProcessingError> {
        let Content::Received { kind, .. } = &message.content else { return Ok(None) };
        let details = self.messages.details(message).await?;
        Ok(details.and_then(|details| ReceivedFile::read(kind, details.json())))
    }
}
