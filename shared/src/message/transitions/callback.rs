//! What WhatsApp's callbacks report about a message.

use super::refund::REFUNDED;
use super::writes::{PUBLISHES, Transitions, in_order, set_event, set_failed, set_silent_state, set_state};
use crate::aws::conditional_write::until_applied;
use crate::aws::{ConditionalWrite, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{AccountId, MessageId};
use crate::message::failed_index::{FAILED, failed_key};
use crate::message::failure::Failure;
use crate::message::pricing::Pricing;
use crate::message::record::Message;
use crate::message::state::{MessageEvent, State};

/// The attribute with the time at which a message was first played.
const PLAYED_AT: &str = "playedAt";

/// A report that a message was sent, delivered or read.
#[derive(Clone, Copy, Debug)]
pub struct StatusReport<'a> {
    /// The message.
    pub message_id: &'a MessageId,
    /// The account whose own app signed it; none if the deployment's did. It says nothing of messages of another account, also of a number
    /// that it has had before.
    pub signer: Option<&'a AccountId>,
    /// WhatsApp's id of the number that the report is about.
    pub number_id: &'a str,
    /// What happened.
    pub event: MessageEvent,
    /// Whether a message that was read was played, too.
    pub played: bool,
    /// When, according to WhatsApp. Nothing happens before the message was sent.
    pub at: Timestamp,
    /// What else it says.
    pub fields: StatusFields<'a>,
}

/// What a status says of its message beside what happened.
#[derive(Clone, Copy, Debug)]
pub struct StatusFields<'a> {
    /// WhatsApp's id of the message, if it is given.
    pub provider_id: Option<&'a str>,
    /// What the message costs, if it is given.
    pub pricing: Option<&'a Pricing>,
}

impl StatusFields<'_> {
    /// Stores what the message does not have yet, in a write that publishes this event.
    fn set_once(&self, update: UpdateBuilder, event: Option<MessageEvent>) -> UpdateBuilder {
        let update = update.set_some_once("providerId", self.provider_id).set_some_once("pricing", self.pricing);
        update.set_some_once("pricedBy", event.filter(|_| self.pricing.is_some()))
    }
}

/// The result of a report.
#[derive(Debug)]
pub enum Advance {
    /// The record was updated; as it is now, or as it was just before.
    Stored(Box<Message>),
    /// The report says nothing new; the record as it is, if there is one.
    NothingNew(Option<Box<Message>>),
}

impl Transitions {
    /// Advances a message to what WhatsApp reports. One that is further already only gets the time that is missing; one
    /// that failed is recovered.
    pub async fn advance(&self, report: &StatusReport<'_>) -> Result<Advance, TableError> {
        let advance = until_applied(|| self.try_to_advance(report)).await?;
        advance.ok_or(TableError::Conflict)
    }

    async fn try_to_advance(&self, report: &StatusReport<'_>) -> Result<Option<Advance>, TableError> {
        let state = report.event.state();
        let advanced = || {
            let advanced = set_state(reported(report), state).remove("lease").remove("claim");
            advanced.when_below("rank", state.rank())
        };
        match self.update_with_event(report.message_id, advanced().when_absent(REFUNDED), report.at).await? {
            ConditionalWrite::Applied(message) => {
                tracing::debug!(message_id = %message.id, status = state.public_status(), "message.advanced");
                Ok(Some(Advance::Stored(message)))
            }
            ConditionalWrite::Refused(Some(message)) if !is_of(&message, report) => Ok(Some(Advance::NothingNew(None))),
            ConditionalWrite::Refused(Some(message)) if is_out_of_order(&message, report) => {
                let in_order = StatusReport { at: message.time_of_report(report.event, report.at), ..*report };
                Box::pin(self.try_to_advance(&in_order)).await
            }
            ConditionalWrite::Refused(Some(message)) if message.refunded && message.rank < state.rank() => {
                self.list_if_late(&message, report.at).await?;
                let is_recovered = self.recover(&message, message.status, advanced()).await?;
                Ok(is_recovered.then_some(Advance::Stored(message)))
            }
            ConditionalWrite::Refused(Some(message)) if lacks_time(&message, report) => {
                let written = self.update_with_event(report.message_id, reported(report), report.at).await?;
                Ok(written.is_applied().then_some(Advance::Stored(message)))
            }
            ConditionalWrite::Refused(Some(message)) if lacks_playing(&message, report) => {
                let at = report.at.max(message.read_at.unwrap_or(message.created_at));
                self.messages.update(report.message_id, played(&StatusReport { at, ..*report })).await?;
                Ok(Some(Advance::Stored(message)))
            }
            ConditionalWrite::Refused(existing) => Ok(Some(Advance::NothingNew(existing))),
        }
    }

    /// Fails an attempted message that WhatsApp reports as failed, and refunds its credit if the report is `trusted`: a
    /// customer can sign one with an app of their own. `false` when the record has changed since it was read.
    pub async fn fail_reported(
        &self,
        message: &Message,
        fields: StatusFields<'_>,
        failure: &Failure,
        at: Timestamp,
        trusted: bool,
    ) -> Result<bool, TableError> {
        let at = message.time_of_report(MessageEvent::Failed, at);
        let reported = fields.set_once(UpdateBuilder::new(), Some(MessageEvent::Failed));
        let failed = set_failed(reported, message.owner_and_id(), State::Failed, failure, at)
            .remove("lease")
            .remove("claim")
            .when_equal("attempt", message.attempt)
            .when_equal("status", message.status);
        let is_failed = if trusted {
            self.fail_and_refund(&message.account_id, &message.id, failed, at).await?.is_applied()
        } else {
            self.update_with_event(&message.id, failed, at).await?.is_applied()
        };
        if is_failed {
            let (attempt, code) = (message.attempt, failure.code);
            tracing::info!(message_id = %message.id, attempt, ?code, refunded = trusted, "message.failed");
        }
        Ok(is_failed)
    }

    /// Makes the failure of a message that was given up final: it was published and refunded then. `false` when the record
    /// has changed since it was read.
    pub async fn confirm_failure(
        &self,
        message: &Message,
        fields: StatusFields<'_>,
        failure: &Failure,
    ) -> Result<bool, TableError> {
        let confirmed = set_silent_state(fields.set_once(UpdateBuilder::new(), None), State::Failed)
            .set("error", failure)
            .set(FAILED, failed_key(&message.account_id, &message.id)) // an earlier version has not
            .when_equal("attempt", message.attempt)
            .when_equal("status", State::Unconfirmed);
        let is_confirmed = self.messages.update(&message.id, confirmed).await?.is_applied();
        if is_confirmed {
            tracing::info!(message_id = %message.id, code = ?failure.code, "message.failure_confirmed");
        }
        Ok(is_confirmed)
    }
}

/// Stores the time of a report that is about the message's own number, once.
fn reported(report: &StatusReport<'_>) -> UpdateBuilder {
    let update = set_event(report.fields.set_once(UpdateBuilder::new(), Some(report.event)), report.event, report.at);
    let update = if report.played { update.set_once(PLAYED_AT, report.at) } else { update };
    let update = in_order(update, report.event, report.at).when_some_equal("accountId", report.signer);
    update.when_equal("numberId", report.number_id).when_absent(report.event.time_attribute())
}

/// Stores when a message was played that was read before, which publishes nothing.
fn played(report: &StatusReport<'_>) -> UpdateBuilder {
    let update = report.fields.set_once(UpdateBuilder::new(), None).set(PLAYED_AT, report.at).remove(PUBLISHES);
    update.when_equal("numberId", report.number_id).when_absent(PLAYED_AT)
}

/// Whether a report says something of a message: it is signed for its account.
fn is_of(message: &Message, report: &StatusReport<'_>) -> bool {
    report.signer.is_none_or(|signer| *signer == message.account_id)
}

/// Whether a report says something new of a message, at a time that is not in the order of its events.
fn is_out_of_order(message: &Message, report: &StatusReport<'_>) -> bool {
    let is_new = message.rank < report.event.state().rank() || message.time_of(report.event).is_none();
    let is_of_number = message.number_id.as_deref() == Some(report.number_id);
    is_new && is_of_number && message.time_of_report(report.event, report.at) != report.at
}

fn lacks_time(message: &Message, report: &StatusReport<'_>) -> bool {
    message.number_id.as_deref() == Some(report.number_id) && message.time_of(report.event).is_none()
}

fn lacks_playing(message: &Message, report: &StatusReport<'_>) -> bool {
    report.played && message.number_id.as_deref() == Some(report.number_id) && message.played_at.is_none()
}
