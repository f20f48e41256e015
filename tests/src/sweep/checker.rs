//! The promises, as what must be seen of a run when it is over. Each check gives what breaks it, in words.

mod acceptance;
mod limits;
mod money;
mod order;
mod privacy;
mod status;
mod telling;

use super::evidence::Evidence;

/// The promise of order.
pub const IN_ORDER: &str = "in order";

/// What breaks a promise.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// The promise, by a word.
    pub promise: &'static str,
    /// What was seen.
    pub seen: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.promise, self.seen)
    }
}

/// Looks at one side of a run; gives what is wrong with it, in words.
type Check = fn(&Evidence) -> Vec<String>;

/// All that a run breaks.
pub fn check(evidence: &Evidence) -> Vec<Violation> {
    let checks: [(&'static str, Check); 10] = [
        ("accepted is durable", acceptance::each_202_has_one_record),
        ("never twice", acceptance::nothing_is_posted_twice),
        ("what was told is what was sent", acceptance::the_phones_show_what_was_told),
        ("exact money", money::is_exact),
        ("exact limits", limits::hold),
        ("status only moves forward", status::only_rises),
        ("every transition is told", telling::each_transition_is_told),
        (IN_ORDER, order::of_each_conversation),
        ("nobody else's", telling::nobody_elses),
        ("nothing private in logs", privacy::of_the_logs),
    ];
    let mut broken = Vec::new();
    for (promise, check) in checks {
        broken.extend(check(evidence).into_iter().map(|seen| Violation { promise, seen }));
    }
    broken
}
