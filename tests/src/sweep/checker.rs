//! The promises as checks of the evidence of a run. Each check returns its violations as text.

mod acceptance;
mod batches;
mod credits;
mod erasure;
mod files;
mod inbound;
mod limits;
mod order;
mod panics;
mod privacy;
mod status;
pub mod webhooks;

use super::evidence::Evidence;

/// The name of the promise of order.
pub const IN_ORDER: &str = "in order";

/// What breaks a promise.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// The name of the promise.
    pub promise: &'static str,
    /// What was seen.
    pub seen: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.promise, self.seen)
    }
}

/// Checks one promise; returns the violations.
type Check = fn(&Evidence) -> Vec<String>;

/// All violations of a run.
pub fn check(evidence: &Evidence) -> Vec<Violation> {
    let checks: [(&'static str, Check); 18] = [
        ("accepted is durable", acceptance::each_202_has_one_record),
        ("a batch is what its answer says", batches::are_as_answered),
        ("each batch ends, with its event", batches::each_is_completed_once),
        ("never twice", acceptance::nothing_is_posted_twice),
        ("recorded as sent is what was sent", acceptance::only_recorded_messages_were_sent),
        ("exact money", credits::is_exact),
        ("exact limits", limits::hold),
        ("status only moves forward", status::only_rises),
        ("every transition is published", webhooks::each_transition_is_published),
        (IN_ORDER, order::of_each_conversation),
        ("own account only", webhooks::only_to_its_own_account),
        ("nothing from WhatsApp is dropped", inbound::each_is_stored),
        ("nothing of an erased person is left", erasure::is_complete),
        ("each file ends, with its event", files::each_ends_with_its_event),
        ("each received file is fetched", files::each_received_file_is_fetched),
        ("no neighbour is harmed", |evidence| evidence.held_up.clone()),
        ("no function panics", panics::of_the_functions),
        ("nothing private in logs", privacy::of_the_logs),
    ];
    let mut broken = Vec::new();
    for (promise, check) in checks {
        broken.extend(check(evidence).into_iter().map(|seen| Violation { promise, seen }));
    }
    broken
}
