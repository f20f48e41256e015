//! How people use their phones: online or not, and when they read. Messages that arrive or are read later are reported later.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::state::Simulator;
use super::control_error::ControlError;
use super::inbound_message::number_id;
use super::inbox::RemainingStatuses;

/// A conversation that is opened.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedConversation {
    to: Value,
}

impl Simulator {
    /// Marks everything that has arrived from a number as read, and returns how many messages that were.
    pub(super) fn open_conversation(&self, person: &str, opened: &OpenedConversation) -> Result<Value, ControlError> {
        let number_id = number_id(Some(&opened.to))?;
        let (count, released) = self.people.change(person, |profile| {
            let count = profile.inbox.open(&number_id, profile.phone_use);
            Ok((count, profile.inbox.release(profile.phone_use)))
        })?;
        self.resume(released);
        Ok(json!({ "read": count }))
    }

    /// Whether the next status of a message happens now; see `Inbox::may_report`.
    pub(in super::super) fn may_report(&self, statuses: &RemainingStatuses) -> bool {
        let recipient = statuses.message.recipient();
        let allowed = self.people.find(&recipient, |person| person.inbox.may_report(statuses, person.phone_use));
        allowed.unwrap_or(true) // nobody has said anything of a person who is not known
    }
}
