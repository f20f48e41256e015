//! Whether the phone of a recipient shows a message that WhatsApp accepts, by what the person has done.

use serde_json::Value;

use super::ledger::{AcceptedMessage, recipient};
use super::people::Missed;
use super::state::Simulator;
use super::status_plan::{Status, StatusPlan};

/// A message outside the service window is accepted, and then reported as failed. WhatsApp also refuses some at once, which
/// the number `1555131047` does (docs/adr/0039).
const OUTSIDE_WINDOW: StatusPlan = StatusPlan {
    error_code: 131_047,
    error_details: "Message failed to send because more than 24 hours have passed since the customer last replied to \
        this number.",
    ..StatusPlan::new(&[Status::Failed])
};
/// Marketing to a person who opted out.
const OPTED_OUT: StatusPlan = StatusPlan {
    error_code: 131_050,
    error_details: "The user has stopped marketing messages from this business.",
    ..StatusPlan::new(&[Status::Failed])
};
/// A person who has blocked the number does not get its messages, and WhatsApp does not say so.
const BLOCKED: StatusPlan = StatusPlan::new(&[Status::Sent]);
/// A reaction to nothing that the phone shows.
const NO_TARGET: StatusPlan = StatusPlan {
    error_code: 131_009,
    error_details: "message_id is not the id of a message that can be reacted to.",
    ..StatusPlan::new(&[Status::Failed])
};
/// A reaction that the phone shows: WhatsApp reports nothing more of it.
pub(super) const REACTED: StatusPlan = StatusPlan::new(&[Status::Sent]);

impl Simulator {
    /// The statuses of a message that the phone does not show; none of one that it shows.
    pub(super) fn not_shown(&self, number: &str, message: &Value) -> Option<StatusPlan> {
        let known = self.people.find(&recipient(message), |person| {
            (person.wrote_at.get(number).copied(), person.blocked.contains(number), person.opted_out.contains(number))
        });
        let (wrote_at, has_blocked, has_opted_out) = known.unwrap_or_default();
        let is_template = message["type"] == "template";
        let is_marketing = || self.templates.category(message) == "marketing";
        if has_blocked {
            Some(BLOCKED)
        } else if !is_template && !self.window.is_open(wrote_at, self.clock.now()) {
            Some(OUTSIDE_WINDOW)
        } else if has_opted_out && is_template && is_marketing() {
            Some(OPTED_OUT)
        } else if message["type"] == "reaction" && !self.is_reaction_target(number, message) {
            Some(NO_TARGET)
        } else {
            None
        }
    }

    /// Notes a message that does not arrive, and why, if the person is known.
    pub(super) fn miss(&self, message: &AcceptedMessage, plan: &StatusPlan) {
        let missed = Missed::new(message, Some(plan.error_code).filter(|code| *code != 0));
        let recipient = message.recipient();
        self.people.find(&recipient, |person| person.miss(missed));
        self.people.tell(&recipient);
    }

    /// Whether the phone shows the message that a reaction is to, and it is no reaction itself.
    fn is_reaction_target(&self, number: &str, reaction: &Value) -> bool {
        let recipient = recipient(reaction);
        let wamid = reaction["reaction"]["message_id"].as_str().unwrap_or_default();
        let sent = self.ledger.taken_by(&recipient).into_iter().find(|taken| taken.wamid == wamid);
        let is_reaction = |message: &Value| message["type"] == "reaction";
        match sent {
            Some(sent) => sent.number_id == number && !is_reaction(&sent.message),
            None => {
                self.people.find(&recipient, |person| {
                    let written = person.written.iter().find(|written| written.wamid == wamid);
                    written.is_some_and(|written| written.number_id == number && !is_reaction(&written.message))
                }) == Some(true)
            }
        }
    }
}
