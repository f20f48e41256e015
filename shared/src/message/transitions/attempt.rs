//! The results of an attempt. What ends an attempt holds only under the claim that began it, since an attempt's number can
//! be used again; that WhatsApp accepted the message counts for the attempt, however late.

use super::failure_group_commit::FailureWrite;
use super::refund::REFUNDED;
use super::writes::{Transitions, in_order, set_event, set_failed, set_silent_state, set_state};
use crate::aws::{ConditionalWrite, TableError, UpdateBuilder};
use crate::clock::{self, Timestamp};
use crate::message::failure::{Failure, FailureCode};
use crate::message::record::Message;
use crate::message::state::{MessageEvent, State};
use crate::observability::{Metric, metrics};

impl Transitions {
    /// WhatsApp accepted the message. A late response still counts after the outcome was thought unknown.
    pub async fn mark_sent(&self, message: &Message, provider_id: &str) -> Result<(), TableError> {
        let now = clock::now();
        let sent = || {
            let sent = set_state(end_of_sent_attempt(message), State::Sent).set("providerId", provider_id);
            set_event(sent, MessageEvent::Sent, now).when_below("rank", State::Sent.rank())
        };
        self.list_if_late(message, now).await?;
        match self.messages.update(&message.id, sent().when_absent(REFUNDED)).await? {
            ConditionalWrite::Applied(_) => {
                metrics::count(Metric::MessagesSent);
                tracing::info!(message_id = %message.id, attempt = message.attempt, "message.sent");
            }
            ConditionalWrite::Refused(Some(existing)) => {
                let is_recovered =
                    existing.status == State::Unconfirmed && self.recover(message, existing.status, sent()).await?;
                if !is_recovered && existing.sent_at.is_none() {
                    self.add_sent_time(message, provider_id, existing, now).await?;
                }
            }
            ConditionalWrite::Refused(None) => {}
        }
        Ok(())
    }

    /// A callback was faster and advanced the message further: only the time of sending is missing, which is not after what followed. It is
    /// looked at again when another callback has changed it meanwhile.
    async fn add_sent_time(
        &self,
        message: &Message,
        provider_id: &str,
        mut existing: Box<Message>,
        now: Timestamp,
    ) -> Result<(), TableError> {
        loop {
            let at = existing.time_of_report(MessageEvent::Sent, now);
            let late = set_event(end_of_sent_attempt(message), MessageEvent::Sent, at)
                .set_once("providerId", provider_id)
                .when_absent(MessageEvent::Sent.time_attribute());
            match self.messages.update(&message.id, in_order(late, MessageEvent::Sent, at)).await? {
                ConditionalWrite::Refused(Some(changed))
                    if changed.sent_at.is_none() && changed.time_of_report(MessageEvent::Sent, now) < at =>
                {
                    existing = changed;
                }
                _ => return Ok(()),
            }
        }
    }

    /// WhatsApp holds the message for a quality assessment.
    pub async fn mark_held(&self, message: &Message, provider_id: &str) -> Result<(), TableError> {
        let held = set_silent_state(end_of_claim(message), State::Held).set("providerId", provider_id);
        if self.messages.update(&message.id, held.when_equal("status", State::Sending)).await?.is_applied() {
            tracing::info!(message_id = %message.id, attempt = message.attempt, "message.held");
        }
        Ok(())
    }

    /// Whether WhatsApp accepted the message is unknown. `false` when the record has changed.
    pub async fn mark_unknown(&self, message: &Message, reason: &str) -> Result<bool, TableError> {
        let unknown = set_silent_state(end_of_claim(message), State::Unknown).when_equal("status", State::Sending);
        let is_marked = self.messages.update(&message.id, unknown).await?.is_applied();
        if is_marked {
            metrics::count(Metric::MessagesUnknown);
            tracing::warn!(message_id = %message.id, attempt = message.attempt, reason, "message.unknown");
        }
        Ok(is_marked)
    }

    /// Releases a message that certainly was not sent, to be attempted again.
    pub async fn release(&self, message: &Message) -> Result<(), TableError> {
        let released = set_silent_state(end_of_claim(message), State::Queued).when_equal("status", State::Sending);
        if self.messages.update(&message.id, released).await?.is_applied() {
            tracing::debug!(message_id = %message.id, attempt = message.attempt, "message.released");
        }
        Ok(())
    }

    /// Releases a message before anything was posted, to leave in its present slot. No callback tag carries this attempt,
    /// so it does not count.
    pub async fn release_unposted(&self, message: &Message) -> Result<(), TableError> {
        let released = set_silent_state(end_of_claim(message), State::Queued).add("attempt", -1);
        let released = released.set("slot", message.slot);
        if self.messages.update(&message.id, released.when_equal("status", State::Sending)).await?.is_applied() {
            tracing::debug!(message_id = %message.id, attempt = message.attempt, "message.released");
        }
        Ok(())
    }

    /// The message will not be sent, and its credit is refunded. Refused when the record has changed.
    pub async fn fail(&self, message: &Message, failure: &Failure) -> Result<FailureWrite, TableError> {
        let now = clock::now();
        let failed = set_failed(end_of_claim(message), message.owner_and_id(), State::Failed, failure, now);
        let failed = failed.when_equal("status", State::Sending);
        let written = self.fail_and_refund(&message.account_id, &message.id, failed, now).await?;
        if written.is_applied() {
            tracing::info!(message_id = %message.id, attempt = message.attempt, code = ?failure.code, "message.failed");
        }
        Ok(written)
    }

    /// Fails a message about which WhatsApp never reported, until a callback says otherwise. Refused when the record has
    /// changed since it was read.
    pub async fn give_up(&self, message: &Message) -> Result<FailureWrite, TableError> {
        let failure = Failure::new(
            FailureCode::UnknownOutcome,
            "WhatsApp never reported what became of the message; it may have arrived.",
        );
        let now = clock::now();
        let unconfirmed = set_failed(UpdateBuilder::new(), message.owner_and_id(), State::Unconfirmed, &failure, now)
            .when_equal("attempt", message.attempt)
            .when_equal("status", message.status);
        let written = self.fail_and_refund(&message.account_id, &message.id, unconfirmed, now).await?;
        if written.is_applied() {
            metrics::count(Metric::MessagesUnconfirmed);
            tracing::warn!(message_id = %message.id, attempt = message.attempt, code = ?failure.code, "message.failed");
        }
        Ok(written)
    }
}

/// Ends an attempt, whichever claim it has.
fn end_of_attempt(message: &Message) -> UpdateBuilder {
    UpdateBuilder::new().remove("lease").remove("claim").when_equal("attempt", message.attempt)
}

/// Ends an attempt whose message left, in the slot that the record keeps: the last of those that it had.
fn end_of_sent_attempt(message: &Message) -> UpdateBuilder {
    end_of_attempt(message).set("slot", message.slot)
}

/// Ends an attempt under its own claim: an attempt that was released before its POST gives its number back, and a retry of
/// that write, whose response was lost, must not meet the next attempt with the same number.
fn end_of_claim(message: &Message) -> UpdateBuilder {
    end_of_attempt(message).when_equal("claim", &message.claim)
}
