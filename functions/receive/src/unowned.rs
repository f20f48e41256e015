//! What callbacks say about messages, numbers and business accounts that no account of the deployment owns: acknowledged, and logged once a
//! minute of each kind. A callback may have a thousand of them, and a customer's own app signs as many callbacks as it likes.

use shared::observability::LogLimit;

/// A kind of what no account owns.
pub struct Unowned {
    event: &'static str,
    lines: LogLimit,
}

/// Statuses whose tag no key of ours has signed.
pub static TAGS: Unowned = Unowned::new("callback.untagged");
/// Messages and calls of numbers that belong to nobody.
pub static NUMBERS: Unowned = Unowned::new("callback.number_unknown");
/// Updates about numbers and business accounts that nobody has connected.
pub static ACCOUNTS: Unowned = Unowned::new("callback.account_unknown");

impl Unowned {
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
