//! Which status callbacks the simulator sends for a message, how often, and when.

use std::time::Duration;

/// The status callbacks for a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StatusPlan {
    /// The statuses, in the order of the callbacks.
    pub statuses: &'static [Status],
    /// How often each status is sent.
    pub repetitions: usize,
    /// When they happen and are sent.
    pub timing: Timing,
    /// The error code of a `failed` status.
    pub error_code: i64,
    /// The explanation of that error.
    pub error_details: &'static str,
}

/// When statuses happen and are sent, by the stack's clock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Timing {
    AfterResponse,
    /// All callbacks are acknowledged before the response.
    BeforeResponse,
    /// Statuses happen later by this time.
    DelayedStatuses(Duration),
    /// Statuses happen on time, and their callbacks are sent later by this time.
    DelayedCallbacks(Duration),
}

/// A status of a message; callbacks name it in lower case.
#[derive(Clone, Copy, Debug, Eq, PartialEq, strum::AsRefStr)]
#[strum(serialize_all = "lowercase")]
pub enum Status {
    Sent,
    Failed,
    Delivered,
    Read,
}

impl Status {
    /// How long after the message was accepted the status happens.
    pub const fn delay(self) -> Duration {
        Duration::from_millis(match self {
            Self::Sent => 20,
            Self::Failed => 60,
            Self::Delivered => 120,
            Self::Read => 240,
        })
    }
}

impl StatusPlan {
    /// Sent, delivered and read.
    pub const NORMAL: Self = Self::new(&[Status::Sent, Status::Delivered, Status::Read]);
    /// No callbacks.
    pub const NONE: Self = Self::new(&[]);

    /// These statuses, each sent once after the response.
    pub const fn new(statuses: &'static [Status]) -> Self {
        Self {
            statuses,
            repetitions: 1,
            timing: Timing::AfterResponse,
            error_code: 0,
            error_details: "failed on request",
        }
    }

    /// Whether a status says what the message costs: `sent`, and one of `delivered` and `read` (whatsapp-cloud-api-2026,
    /// section 8).
    pub fn has_price(self, status: Status) -> bool {
        match status {
            Status::Sent | Status::Delivered => true,
            Status::Read => !self.statuses.contains(&Status::Delivered),
            Status::Failed => false,
        }
    }

    /// Sent, delivered and read, at another time.
    pub const fn normal_at(timing: Timing) -> Self {
        Self { timing, ..Self::NORMAL }
    }
}
