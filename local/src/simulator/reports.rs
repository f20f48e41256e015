//! What callbacks say of a message, how often, and when.

use std::time::Duration;

/// What is reported of a message, in the order of the callbacks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reports {
    /// The statuses.
    pub statuses: &'static [Status],
    /// How often each is told.
    pub times: usize,
    /// When.
    pub when: When,
    /// The code that a `failed` carries.
    pub code: i64,
}

/// When statuses happen and are told, by the stack's clock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum When {
    /// From the answer on.
    Usual,
    /// All before the answer.
    BeforeTheAnswer,
    /// Everything happens so much later.
    Happens(Duration),
    /// Everything happens as usual and is told so much later.
    Told(Duration),
}

/// One of WhatsApp's statuses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// On its way.
    Sent,
    /// Not to be delivered.
    Failed,
    /// On the phone.
    Delivered,
    /// Seen.
    Read,
}

impl Status {
    /// WhatsApp's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// How long after the message was taken it happens.
    pub const fn after(self) -> Duration {
        Duration::from_millis(match self {
            Self::Sent => 20,
            Self::Failed => 60,
            Self::Delivered => 120,
            Self::Read => 240,
        })
    }
}

impl Reports {
    /// Sent, delivered and read, one by one.
    pub const USUAL: Self = Self::of(&[Status::Sent, Status::Delivered, Status::Read]);
    /// Silence.
    pub const NONE: Self = Self::of(&[]);

    /// These statuses, once each.
    pub const fn of(statuses: &'static [Status]) -> Self {
        Self { statuses, times: 1, when: When::Usual, code: 0 }
    }

    /// The usual ones at another time.
    pub const fn usual(when: When) -> Self {
        Self { when, ..Self::USUAL }
    }
}
