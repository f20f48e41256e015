//! The service window: how long after a person's last message a business may write freely.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::contact::activity::Activity;

/// How long a business may write freely to a person after the person's last message or call (whatsapp-cloud-api-2026, section
/// 11).
pub const SERVICE_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

impl Activity {
    /// When the service window closes, or has closed: none if the person has never written.
    pub fn window_closes_at(&self) -> Option<Timestamp> {
        self.last_inbound_at.map(|at| at.plus(SERVICE_WINDOW))
    }

    /// Whether the service window may be open, as far as this is known: what may open it counts.
    pub fn may_be_open(&self, now: Timestamp) -> bool {
        self.latest().is_some_and(|at| now < at.plus(SERVICE_WINDOW))
    }
}
