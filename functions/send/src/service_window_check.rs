//! What is refused by what the recipient did: free-form messages outside the 24-hour window, where the instance wants that, and
//! marketing to people who opted out. WhatsApp would refuse these as well, after they were charged.
//!
//! Only certain knowledge refuses (docs/adr/0048). What would refuse is read again, strongly consistent: somebody may have just
//! written. When the table does not answer, WhatsApp decides.

use shared::alias::Alias;
use shared::aws::TableError;
use shared::clock::Timestamp;
use shared::contact::{Activity, SERVICE_WINDOW, other_spelling};
use shared::http::{ApiError, ErrorCode};
use shared::ids::InstanceId;
use shared::instance::{Instance, NumberOwner, OutsideWindow};
use shared::message::Content;

use crate::send_request::SendRequest;
use crate::sender::Sender;

/// The field that errors name.
const FIELD: &str = "to";

impl Sender {
    /// Refuses what is not a template when the instance wants that and it is known that the window is closed.
    pub async fn refuse_outside_window(
        &self,
        instance: &Instance,
        request: &SendRequest,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let is_template = matches!(request.content, Content::Template { .. });
        if is_template || instance.outside_window() == OutsideWindow::Send {
            return Ok(());
        }
        match self.certainly_closed(instance, &request.to, now).await {
            Ok(Some(why)) => {
                let message =
                    format!("`{FIELD}` names a person who {why}: WhatsApp delivers only templates. Send a `template`.");
                Err(ApiError::field(ErrorCode::OutsideWindow, FIELD, message))
            }
            Ok(None) => Ok(()),
            Err(error) => {
                note_unknown(&error);
                Ok(())
            }
        }
    }

    /// Refuses marketing to somebody who opted out of it.
    pub async fn refuse_opted_out(
        &self,
        instance: &InstanceId,
        to: &Alias,
        is_marketing: bool,
    ) -> Result<(), ApiError> {
        if !is_marketing {
            return Ok(());
        }
        match self.activity(instance, to, Activity::is_opted_out).await {
            Ok(activity) if activity.is_opted_out() => {
                let message =
                    format!("`{FIELD}` names a person who has opted out of marketing messages of this instance.");
                Err(ApiError::field(ErrorCode::RecipientOptedOut, FIELD, message))
            }
            Ok(_) => Ok(()),
            Err(error) => {
                note_unknown(&error);
                Ok(())
            }
        }
    }

    /// Why it is known that the window of a person is closed; none when it may be open.
    async fn certainly_closed(
        &self,
        instance: &Instance,
        to: &Alias,
        now: Timestamp,
    ) -> Result<Option<&'static str>, TableError> {
        let known = self.activity(&instance.id, to, |activity| !activity.may_be_open(now)).await?;
        if known.may_be_open(now) {
            return Ok(None);
        }
        let day_ago = now.minus(SERVICE_WINDOW);
        let why = match known.last_inbound_at {
            // What was written while the instance was disconnected is not known.
            Some(_) if instance.disconnected_at.is_some() && instance.connected_at.is_some_and(|at| day_ago < at) => {
                return Ok(None);
            }
            Some(_) if !self.number_owner(instance).await?.is_some_and(|it| it.has_refused_since(day_ago)) => {
                "last wrote more than 24 hours ago"
            }
            None if self.number_owner(instance).await?.is_some_and(|it| it.has_heard_since(day_ago, now)) => {
                "has not written for 24 hours"
            }
            _ => return Ok(None),
        };
        // The same person may have written under the form of the number that WhatsApp knows, and nobody has said so yet.
        if let Alias::Phone(phone) = to
            && let Some(other) = other_spelling(phone)
            && self.contacts.resolve_eventually(&instance.id, &other.into()).await?.activity.may_be_open(now)
        {
            return Ok(None);
        }
        Ok(Some(why))
    }

    /// What is known of a person: for half a read unit, or strongly consistent when that would refuse.
    async fn activity(
        &self,
        instance: &InstanceId,
        to: &Alias,
        would_refuse: impl Fn(&Activity) -> bool,
    ) -> Result<Activity, TableError> {
        let seen = self.contacts.resolve_eventually(instance, to).await?.activity;
        if !would_refuse(&seen) {
            return Ok(seen);
        }
        Ok(self.contacts.resolve(instance, to).await?.activity)
    }

    /// What is known of the callbacks of an instance's number.
    async fn number_owner(&self, instance: &Instance) -> Result<Option<NumberOwner>, TableError> {
        let Some(number) = instance.connected_number() else { return Ok(None) };
        let owner = self.accounts.number_owner(&number.id).await?;
        Ok(owner.filter(|owner| owner.instance_id == instance.id))
    }
}

/// Logs that a message is let through of whose recipient nothing could be read.
fn note_unknown(error: &TableError) {
    tracing::warn!(%error, "service_window.read_failed");
}
