//! Whether the phone of a recipient shows a message that WhatsApp accepts, by what the person has done.

use serde_json::Value;

use super::ledger::recipient;
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
        } else {
            None
        }
    }
}
