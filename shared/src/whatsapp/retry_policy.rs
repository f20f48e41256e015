//! How often a message is attempted that WhatsApp refuses for a while, and the waits between the attempts. Which error has which
//! policy stands in [`error_codes`](super::error_codes).

use std::time::Duration;

/// The longest wait between two attempts that we choose ourselves.
const MAX_WAIT: Duration = Duration::from_secs(300);
/// Attempts when WhatsApp is overloaded or down: they span about forty minutes.
pub(super) const MANY_ATTEMPTS: u32 = 16;
/// Attempts at a recipient who gets too many messages.
pub(super) const PAIR_ATTEMPTS: u32 = 6;
/// Attempts when WhatsApp gives no reason.
pub(super) const FEW_ATTEMPTS: u32 = 3;

/// Waits between attempts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Backoff {
    /// Attempts in all.
    pub(super) attempts: u32,
    /// Seconds after the first one.
    pub(super) first: u64,
    /// By how much each wait is longer than the one before.
    factor: u64,
    /// The longest of them.
    longest: Duration,
}

pub(super) const fn retry(attempts: u32, first: u64, factor: u64) -> Backoff {
    Backoff { attempts, first, factor, longest: MAX_WAIT }
}

/// Limits that are counted by the hour.
pub(super) const HOURLY: Backoff =
    Backoff { attempts: MANY_ATTEMPTS, first: 60, factor: 2, longest: Duration::from_secs(3600) };

/// A new template takes WhatsApp ten minutes.
pub(super) const SYNCING: Backoff = Backoff { attempts: 6, first: 60, factor: 2, longest: MAX_WAIT };

impl Backoff {
    /// The wait after the attempt with this number.
    pub(super) fn wait(&self, attempt: u32) -> Duration {
        let factor = self.factor.saturating_pow(attempt.saturating_sub(1));
        Duration::from_secs(self.first.saturating_mul(factor)).min(self.longest)
    }
}
