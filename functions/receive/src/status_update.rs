//! Statuses of messages: found by their tag, stored if they advance the message.

use shared::aws::TableError;
use shared::aws::conditional_write::until_applied;
use shared::clock::{self, Timestamp};
use shared::ids::AccountId;
use shared::instance::Pause;
use shared::message::{Advance, Failure, FailureCode, Message, MessageEvent, State, StatusFields, StatusReport};
use shared::observability::{LogLimit, Metric, metrics};
use shared::whatsapp::event_time;
use shared::whatsapp::{
    CallbackStatus, CallbackTag, ErrorMeaning, GraphError, POLICY_PAUSE, Reaction, ReportedStatus, StatusUpdate,
    TagError,
};

use crate::Receiver;
use crate::app_secrets::Owners;
use crate::secrets::ReceiveSecrets;
use crate::store_error::StoreError;
use crate::unowned;

/// Lines about tags whose key this process does not have, a minute and process: a customer's own app signs as many as it likes.
static UNKNOWN_KEYS: LogLimit = LogLimit::new(1);

impl Receiver {
    /// Stores a status. One whose tag is not ours is logged, so that the callback can be acknowledged. One that only an
    /// app of the customer's own has signed, which has `owners`, refunds nothing, unless the operator trusts that app.
    pub async fn store_status(&self, update: StatusUpdate, owners: Option<&Owners>) -> Result<(), StoreError> {
        if owners.is_some_and(|owners| !owners.contains_key(&update.number_id)) {
            return Ok(()); // such an app has no other numbers
        }
        let read = |secrets: &ReceiveSecrets| secrets.tagger.read(&update.status.tag);
        let tag = match self.secrets.with_latest(read, |tag| matches!(tag, Err(TagError::UnknownKey(_)))).await {
            Ok(tag) => tag,
            Err(TagError::UnknownKey(claimed)) => {
                return self.check_foreign(&claimed, &update.number_id, owners).await;
            }
            Err(TagError::Foreign) => {
                note_untagged();
                return Ok(());
            }
        };
        Ok(self.store_tagged(&tag, update, owners).await?)
    }

    /// Whether a tag whose key this process does not have is another system's. It is if the number has no such message;
    /// otherwise WhatsApp must repeat the callback, until this process has the key.
    /// It counts only if the deployment's app signed it: a customer can write anything.
    async fn check_foreign(
        &self,
        claimed: &CallbackTag,
        number: &str,
        owners: Option<&Owners>,
    ) -> Result<(), StoreError> {
        let message = self.messages.get_eventually(&claimed.message).await?;
        let is_signed = |message: &Message| signer(owners, number).is_none_or(|signer| *signer == message.account_id);
        let is_of = |message: &Message| message.number_id.as_deref() == Some(number) && is_signed(message);
        if !message.as_ref().is_some_and(is_of) {
            note_untagged();
            return Ok(());
        }
        metrics::count_many(Metric::KeysUnknown, owners.is_none().into());
        if let Some(unlogged) = UNKNOWN_KEYS.admit() {
            tracing::error!(message_id = %claimed.message, unlogged, "callback.tag_key_unknown");
        }
        Err(StoreError::UnknownTagKey)
    }

    async fn store_tagged(
        &self,
        tag: &CallbackTag,
        update: StatusUpdate,
        owners: Option<&Owners>,
    ) -> Result<(), TableError> {
        let signer = signer(owners, &update.number_id);
        let message = match update.status.status {
            ReportedStatus::Sent => self.sent(tag, &update, signer).await?,
            ReportedStatus::Delivered => self.advance(tag, &update, MessageEvent::Delivered, signer).await?,
            ReportedStatus::Read | ReportedStatus::Played => {
                self.advance(tag, &update, MessageEvent::Read, signer).await?
            }
            ReportedStatus::Failed => self.failed(tag, &update, signer).await?,
        };
        match message {
            Some(message) => self.join_recipient(&message, update, owners).await,
            None => Ok(()),
        }
    }

    /// `deliver` has nearly always recorded it: a read is cheaper than a write that is refused. An eventually consistent one
    /// suffices, since the write that may follow is conditional.
    async fn sent(
        &self,
        tag: &CallbackTag,
        update: &StatusUpdate,
        signer: Option<&AccountId>,
    ) -> Result<Option<Box<Message>>, TableError> {
        let message = self.messages.get_eventually(&tag.message).await?;
        match message.filter(|message| message.sent_at.is_some()) {
            Some(message) => Ok(Some(Box::new(message))),
            None => self.advance(tag, update, MessageEvent::Sent, signer).await,
        }
    }

    /// Returns the message, if there is one.
    async fn advance(
        &self,
        tag: &CallbackTag,
        update: &StatusUpdate,
        event: MessageEvent,
        signer: Option<&AccountId>,
    ) -> Result<Option<Box<Message>>, TableError> {
        let report = StatusReport {
            message_id: &tag.message,
            signer,
            number_id: &update.number_id,
            event,
            played: update.status.status == ReportedStatus::Played,
            at: event_time(update.status.time, clock::now()),
            fields: fields(&update.status),
        };
        Ok(match self.transitions.advance(&report).await? {
            Advance::Stored(message) => Some(message),
            Advance::NothingNew(message) => {
                log_ignored(tag, &update.number_id, message.as_deref());
                message
            }
        })
    }

    /// A failure counts for the current attempt only: an earlier one was retried since.
    async fn failed(
        &self,
        tag: &CallbackTag,
        update: &StatusUpdate,
        signer: Option<&AccountId>,
    ) -> Result<Option<Box<Message>>, TableError> {
        let stored = until_applied(|| self.try_to_fail(tag, update, signer)).await?;
        stored.ok_or(TableError::Conflict)
    }

    async fn try_to_fail(
        &self,
        tag: &CallbackTag,
        update: &StatusUpdate,
        signer: Option<&AccountId>,
    ) -> Result<Option<Option<Box<Message>>>, TableError> {
        let (number, status) = (update.number_id.as_str(), &update.status);
        let found = self.messages.get(&tag.message).await?;
        let is_current = |message: &&Message| {
            let is_signed = signer.is_none_or(|signer| *signer == message.account_id);
            is_signed && message.number_id.as_deref() == Some(number) && message.attempt == tag.attempt
        };
        let Some(message) = found.as_ref().filter(is_current) else {
            log_ignored(tag, number, found.as_ref());
            return Ok(Some(found.map(Box::new)));
        };
        let is_attempted = matches!(message.status, State::Sending | State::Unknown | State::Held | State::Sent);
        if !is_attempted && message.status != State::Unconfirmed {
            log_ignored(tag, number, Some(message));
            return Ok(Some(found.map(Box::new)));
        }
        let error = status.errors.first();
        let at = event_time(status.time, clock::now());
        // First, since a repeat of this callback finds the message failed and stops there.
        self.stop_instance(message, error, at).await?;
        let unexplained = || Failure::new(FailureCode::ProviderError, "WhatsApp gave no reason.");
        let failure = error.map_or_else(unexplained, GraphError::failure);
        let is_stored = if is_attempted {
            let trusted = match signer {
                Some(signer) => self.trusts_own_app(signer).await?,
                None => true,
            };
            self.transitions.fail_reported(message, fields(status), &failure, at, trusted).await?
        } else {
            self.transitions.confirm_failure(message, fields(status), &failure).await?
        };
        if let Some(error) = error.filter(|_| is_stored) {
            metrics::count(Metric::ProviderErrors(ErrorMeaning::metric_label(error.code)));
        }
        Ok(is_stored.then_some(found.map(Box::new)))
    }

    /// Whether the operator trusts what an account's own app reports.
    pub async fn trusts_own_app(&self, account: &AccountId) -> Result<bool, TableError> {
        Ok(self.accounts.account(account).await?.is_some_and(|account| account.trust_own_app))
    }

    /// Disconnects or pauses the instance, as after a response, if the failure is not only about the message; unless the
    /// instance was connected again since the message left. A pause counts from the failure, which may be reported days later.
    async fn stop_instance(
        &self,
        message: &Message,
        error: Option<&GraphError>,
        at: Timestamp,
    ) -> Result<(), TableError> {
        let Some((error, reaction)) = error.map(|error| (error, error.meaning().reaction)) else {
            return Ok(());
        };
        if !matches!(reaction, Reaction::DisconnectInstance | Reaction::PauseInstance(_)) {
            return Ok(());
        }
        let Some(instance) = self.accounts.instance(&message.account_id, &message.instance_id).await? else {
            return Ok(());
        };
        let left_at = message.sent_at.unwrap_or(message.created_at);
        if instance.connected_at.is_some_and(|connected| left_at < connected) {
            return Ok(());
        }
        if reaction == Reaction::DisconnectInstance {
            return self.accounts.disconnect_refused(&instance, error).await.map(drop);
        }
        let until = at.plus(POLICY_PAUSE);
        if until <= clock::now() {
            return Ok(()); // over by now, or a message will show that it is not
        }
        self.accounts.pause(&instance, Pause::new(until, error)).await
    }
}

/// The account whose own app has signed what is said about a number; none if the deployment's did.
fn signer<'a>(owners: Option<&'a Owners>, number: &str) -> Option<&'a AccountId> {
    owners?.get(number).map(|owner| &owner.account_id)
}

fn note_untagged() {
    metrics::count(Metric::CallbacksUntagged);
    unowned::TAGS.note();
}

fn fields(status: &CallbackStatus) -> StatusFields<'_> {
    StatusFields { provider_id: status.id.as_deref(), pricing: status.pricing.as_ref() }
}

fn log_ignored(tag: &CallbackTag, number: &str, message: Option<&Message>) {
    let reason = match message {
        None => "the message does not exist",
        Some(message) if message.number_id.as_deref() != Some(number) => "the message left from another number",
        Some(_) => "the message has this status or a later one",
    };
    tracing::debug!(message_id = %tag.message, reason, "callback.ignored");
}
