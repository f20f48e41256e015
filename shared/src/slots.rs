//! When a number's messages may go. WhatsApp takes so many a second from a number, what comes in included, so each
//! message is given its slot when it is charged, and leaves in it: no burst of ours is refused.
//!
//! | share of the number's rate | |
//! |---|---|
//! | 80% | slots booked by charges, up to 20 minutes ahead |
//! | 10% | messages that missed their slots, or are tried again (docs/adr/0012) |
//! | 10% | left for what comes in |

use std::time::Duration;

use crate::instance::Number;
use crate::rate_limit::RateLimit;

/// A message whose slot is farther ahead goes through the bulk queue.
pub const EXPRESS_WITHIN: Duration = Duration::from_secs(10);
/// How late a message may leave in its slot.
pub const GOOD_FOR: Duration = Duration::from_secs(2);
/// How long an instance stays in the bulk lane after it was last booked: longer than `send` takes from its charge to its
/// record, and than an index takes to show it.
pub const BULK_REST: Duration = Duration::from_secs(60);

/// How far ahead slots are booked, in microseconds.
const MOST_AHEAD: i64 = 20 * 60 * 1_000_000;
/// The most slots that are booked ahead.
const MOST_BOOKED: i64 = 20_000;
/// No limit on how far ahead: a message that was accepted always gets a slot.
const UNBOUNDED: i64 = 100_000_000;

impl Number {
    /// The slots of its messages.
    pub fn slots(&self) -> RateLimit {
        let interval = self.interval(80);
        RateLimit::every(interval, (MOST_AHEAD / interval).min(MOST_BOOKED))
    }

    /// The same slots, for a message that is accepted already.
    pub fn slots_again(&self) -> RateLimit {
        RateLimit::every(self.interval(80), UNBOUNDED)
    }

    /// The slots that are kept for messages that missed theirs.
    pub fn late_slots(&self) -> RateLimit {
        RateLimit::every(self.interval(10), UNBOUNDED)
    }

    /// Microseconds between two messages at a share of the rate, in percent.
    fn interval(&self, percent: i64) -> i64 {
        100_000_000 / (percent * i64::from(self.rate.max(1)))
    }
}
