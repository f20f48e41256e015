//! The shares of a number's rate, and the slots of each in which its messages leave. WhatsApp accepts so many messages a second from a
//! number, inbound ones included, so each message books a slot when it is charged and leaves in it: no burst of ours is refused.
//!
//! | share of the number's rate | |
//! |---|---|
//! | 80% | slots booked by charges, up to 20 minutes ahead; while batches leave, 60% are theirs and 20% those of charges |
//! | 10% | messages that missed their slots, or are retried (docs/adr/0012) |
//! | 10% | left for inbound messages; charges use of it what they missed just before ([`SLACK`]) |

use std::time::Duration;

use crate::http::{ApiError, ErrorCode};
use crate::ledger::rate_limit::RateLimit;

/// A message whose slot is further ahead goes through the bulk queue.
pub const EXPRESS_WITHIN: Duration = Duration::from_secs(10);
/// A message that may not leave within this time waits in the table.
pub const TABLE_WAIT: Duration = Duration::from_secs(120);
/// How late a message may leave in its slot that was not ahead when it was enqueued: a process had to start.
pub const SLOT_VALID_FOR: Duration = Duration::from_secs(2);
/// The same of one that has waited for its slot. Many wait together, so those that missed their slots together would leave together.
pub const WAITED_SLOT_VALID_FOR: Duration = Duration::from_millis(250);
/// How long `deliver` holds a message that it has received until its slot, and how far ahead messages of batches are enqueued.
pub const MAX_SLOT_WAIT: Duration = Duration::from_secs(8);

/// The slack of the slots that charges book, in microseconds (docs/adr/0043). With the carry-over it is at most what a tenth of the
/// rate is in a second.
const SLACK: i64 = 100_000;
/// The carry-over of charges while batches leave, in microseconds: a few one-time codes that come together do not wait for each other.
const CARRY_OVER_BESIDE_BATCHES: i64 = 400_000;
/// The percentage of the rate that charges book while no batch leaves.
const CHARGES_PERCENT: i64 = 80;
/// The percentage that charges book while batches leave: single messages, which wait for no batch.
const CHARGES_BESIDE_BATCHES_PERCENT: i64 = 20;
/// The percentage that batches book, whether charges use theirs or not.
const BATCHES_PERCENT: i64 = CHARGES_PERCENT - CHARGES_BESIDE_BATCHES_PERCENT;
/// The percentage that is kept for messages that missed their slots, or are retried.
const LATE_PERCENT: i64 = 10;
/// How far ahead slots are booked, in microseconds.
const MAX_AHEAD: i64 = 20 * 60 * 1_000_000;
/// The most slots that are booked ahead.
const MAX_BOOKED: i64 = 20_000;
/// How far ahead the messages of batches may wait for their slots, in microseconds (contract-2, Batches).
const MAX_BATCH_AHEAD: i64 = 24 * 60 * 60 * 1_000_000;
/// No bound on how far ahead: a message that was accepted always gets a slot.
const UNBOUNDED: i64 = 100_000_000;

/// The slots of one number.
#[derive(Clone, Copy, Debug)]
pub struct SendSlots {
    /// Messages a second that WhatsApp accepts from it.
    pub rate: u32,
}

impl SendSlots {
    /// The slots that charges book.
    pub fn booked(self) -> RateLimit {
        self.booked_share(CHARGES_PERCENT, 0)
    }

    /// The slots that charges book while batches leave.
    pub fn beside_batches(self) -> RateLimit {
        self.booked_share(CHARGES_BESIDE_BATCHES_PERCENT, CARRY_OVER_BESIDE_BATCHES)
    }

    fn booked_share(self, percent: i64, carry_over: i64) -> RateLimit {
        let interval = self.interval(percent);
        RateLimit { interval, burst: (MAX_AHEAD / interval).min(MAX_BOOKED), slack: SLACK, carry_over }
    }

    /// The slots of batches.
    pub fn batch(self) -> RateLimit {
        let interval = self.interval(BATCHES_PERCENT);
        RateLimit { interval, burst: MAX_BATCH_AHEAD / interval, slack: 0, carry_over: 0 }
    }

    /// The slots that are kept for messages that missed theirs.
    pub fn late(self) -> RateLimit {
        RateLimit { interval: self.interval(LATE_PERCENT), burst: UNBOUNDED, slack: 0, carry_over: 0 }
    }

    /// Microseconds between two messages at a share of the rate, in percent.
    fn interval(self, percent: i64) -> i64 {
        100_000_000 / (percent * i64::from(self.rate.max(1)))
    }
}

impl RateLimit {
    /// The same slots, for messages that were accepted already.
    #[must_use]
    pub const fn rebooked(self) -> Self {
        Self { burst: UNBOUNDED, ..self }
    }
}

/// The error of a request when no slot can be booked.
pub fn slots_exhausted(wait: Duration) -> ApiError {
    let message = "`instanceId` names a number that already has as many waiting messages as it can send in the next \
                   minutes. Try again after `retryAfter` seconds.";
    ApiError::field(ErrorCode::RateLimitExceeded, "instanceId", message).retry_after(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::ledger::rate_limit::{Decision, micros};

    #[test]
    fn no_second_has_more_than_nine_tenths_of_the_rate_in_slots() {
        for rate in [20, 80, 1000] {
            let slots = SendSlots { rate };
            let in_a_second = |limit: RateLimit| (1_000_000 + limit.slack + limit.carry_over) / limit.interval;
            let shares =
                [in_a_second(slots.booked()), in_a_second(slots.beside_batches()) + in_a_second(slots.batch())];
            for messages in shares {
                assert!((8..=9).contains(&(10 * messages / i64::from(rate))), "{messages} of {rate}");
            }
        }
    }

    #[test]
    fn beside_batches_as_many_messages_may_come_together_as_without() {
        let slots = SendSlots { rate: 80 };
        let together = |limit: RateLimit| (limit.slack + limit.carry_over) / limit.interval;
        assert!(together(slots.beside_batches()) >= together(slots.booked()));
    }

    #[test]
    fn one_time_codes_that_come_together_beside_batches_leave_at_once() {
        let (limit, now) = (SendSlots { rate: 80 }.beside_batches(), Timestamp::from_secs(1_800_000_000));
        let (mut arrival, mut at_once) = (0, 0);
        while arrival <= micros(now) {
            let Decision::Allow(next) = limit.decide(arrival, now) else { panic!("within the burst") };
            (arrival, at_once) = (next, at_once + 1);
        }
        assert_eq!(at_once, 7);
    }
}
