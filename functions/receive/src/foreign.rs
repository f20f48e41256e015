//! What callbacks say about messages, numbers and accounts of others: acknowledged, and logged once a minute of each kind. A callback may
//! have a thousand of them, and a customer's own app signs as many callbacks as it likes.

use shared::observability::LogLimit;

/// A kind of what is not ours.
pub struct Foreign {
    event: &'static str,
    lines: LogLimit,
}

/// Statuses whose tag no key of ours has signed.
pub static TAGS: Foreign = Foreign::new("callback.untagged");
/// Messages and calls of numbers that belong to nobody.
pub static NUMBERS: Foreign = Foreign::new("callback.number_unknown");
/// Updates about numbers and business accounts that nobody has connected.
pub static ACCOUNTS: Foreign = Foreign::new("callback.account_unknown");

impl Foreign {
    const fn new(event: &'static str) -> Self {
        Self { event, lines: LogLimit::new(1) }
    }

    /// Notes one of them.
    pub fn note(&self) {
        if let Some(unlogged) = self.lines.admit() {
            tracing::warn!(unlogged, "{}", self.event);
        }
    }
}
