//! Limits by the generic cell rate algorithm (GCRA; ITU-T I.371, annex A): one number, the theoretical arrival time, holds
//! a limit exactly.
//!
//! No window of any length lets more through than the burst plus the rate times the window's length, slack and carry-over. Times are
//! microseconds since the Unix epoch, since requests of a large plan are less than a millisecond apart.

use std::time::Duration;

use crate::aws::UpdateBuilder;
use crate::clock::Timestamp;
use crate::http::Allowance;

/// A theoretical arrival time, in microseconds since the Unix epoch: how far ahead of its rate a key or number is.
pub type ArrivalTime = i64;

/// A burst, and then a steady rate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RateLimit {
    /// Microseconds between two requests at the steady rate.
    pub interval: i64,
    /// Requests that are allowed at once.
    pub burst: i64,
    /// Microseconds in which an arrival time that is past may be advanced from where it is as well as from now. An update names
    /// one of the two (see [`RateLimit::advance`]), and at a steady load below the rate an arrival time passes now with nearly
    /// every request: without slack, every second update of several processes names the wrong one, and is refused. 0 for a limit
    /// that is exact.
    pub slack: i64,
    /// Microseconds by which an arrival time that is past for longer is advanced from before now: what was not used just before
    /// may be used at once.
    pub carry_over: i64,
}

/// Whether a limit allows a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// The request is allowed and moves the arrival time to this.
    Allow(ArrivalTime),
    /// The request is not allowed before this time has passed.
    Wait(Duration),
}

impl RateLimit {
    /// A limit of requests a minute; the same number is allowed at once. It never allows more: the interval is rounded up.
    pub const fn per_minute(requests: u32) -> Self {
        let requests = if requests == 0 { 1 } else { requests as u64 };
        let (interval, requests) = (60_000_000_u64.div_ceil(requests).cast_signed(), requests.cast_signed());
        Self { interval, burst: requests, slack: 0, carry_over: 0 }
    }

    /// The greatest arrival time at which a request is still allowed.
    pub const fn latest(self, now: Timestamp) -> ArrivalTime {
        micros(now) + (self.burst - 1) * self.interval
    }

    /// Decides on a request at `now`.
    pub fn decide(self, arrival: ArrivalTime, now: Timestamp) -> Decision {
        self.decide_on(1, arrival, now)
    }

    /// Decides on so many requests together at `now`.
    pub fn decide_on(self, requests: i64, arrival: ArrivalTime, now: Timestamp) -> Decision {
        let early = arrival - self.latest(now) + (requests - 1) * self.interval;
        if early > 0 {
            return Decision::Wait(Duration::from_micros(early.unsigned_abs()));
        }
        let from = if self.is_recent(arrival, now) { arrival } else { self.earliest(now) };
        Decision::Allow(from + requests * self.interval)
    }

    /// Advances an arrival time by one request: [`Self::advance_by`].
    pub fn advance(
        self,
        update: UpdateBuilder,
        attribute: &str,
        expected: ArrivalTime,
        floor: ArrivalTime,
        now: Timestamp,
    ) -> UpdateBuilder {
        self.advance_by(1, update, (attribute, expected), floor, now)
    }

    /// Advances an arrival time by so many requests together, from where it probably is, and at least from now less the carry-over, or
    /// from `floor` if that is later: an arrival time from elsewhere that is allowed. An update cannot take the maximum of two times,
    /// so it says that the arrival time is ahead of the later one, or that it is not; without a later `floor` both are true of one
    /// within the slack.
    /// Refused when it is elsewhere, or when the limit is reached.
    pub fn advance_by(
        self,
        requests: i64,
        update: UpdateBuilder,
        (attribute, expected): (&str, ArrivalTime),
        floor: ArrivalTime,
        now: Timestamp,
    ) -> UpdateBuilder {
        let by = requests * self.interval;
        let earliest = self.earliest(now);
        let (is_ahead, floor, least) = if floor > earliest {
            (expected > floor, floor, floor)
        } else {
            (self.is_recent(expected, now), earliest, earliest - self.slack)
        };
        if is_ahead {
            let update = update.add(attribute, by).when_above(attribute, least);
            return update.when_at_most(attribute, self.latest(now) - (by - self.interval));
        }
        update.set(attribute, floor + by).when_absent_or_at_most(attribute, floor)
    }

    /// Whether an arrival time is advanced from where it is: in the middle of the slack, so that it may have been misjudged.
    const fn is_recent(self, arrival: ArrivalTime, now: Timestamp) -> bool {
        arrival > self.earliest(now) - self.slack / 2
    }

    /// From where an arrival time is advanced that is past for longer.
    const fn earliest(self, now: Timestamp) -> ArrivalTime {
        micros(now) - self.carry_over
    }

    /// What the rate-limit headers say.
    pub fn allowance(self, arrival: ArrivalTime, now: Timestamp) -> Allowance {
        let room = self.latest(now) - arrival;
        let remaining = if room < 0 { 0 } else { (room / self.interval + 1).min(self.burst) };
        let reset = (arrival.max(micros(now)) + 999_999).div_euclid(1_000_000);
        Allowance { limit: self.burst, remaining, reset }
    }
}

/// A time in microseconds.
pub const fn micros(time: Timestamp) -> i64 {
    time.millis() * 1000
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_burst_is_allowed_at_once_and_then_one_request_every_interval() {
        let limit = RateLimit::per_minute(60);
        let now = Timestamp::from_secs(1_000);
        let mut arrival = 0;
        for _ in 0..60 {
            let Decision::Allow(next) = limit.decide(arrival, now) else { panic!("within the burst") };
            arrival = next;
        }
        assert_eq!(limit.decide(arrival, now), Decision::Wait(Duration::from_secs(1)));
        assert_eq!(limit.allowance(arrival, now), Allowance { limit: 60, remaining: 0, reset: 1_060 });
        let later = Timestamp::from_secs(1_001);
        assert!(matches!(limit.decide(arrival, later), Decision::Allow(_)));
        assert_eq!(limit.allowance(arrival, later).remaining, 1);
        assert_eq!(limit.allowance(0, now), Allowance { limit: 60, remaining: 60, reset: 1_000 });
    }

    proptest! {
        #[test]
        fn no_window_lets_more_through_than_burst_and_rate_times_its_length(
            per_minute in prop_oneof![1u32..20_000, 20_000u32..1_000_000],
            slack in prop_oneof![Just(0i64), 0i64..200_000],
            carry_over in prop_oneof![Just(0i64), 0i64..500_000],
            gaps in prop::collection::vec(0i64..2_000, 1..400),
        ) {
            let limit = RateLimit { slack, carry_over, ..RateLimit::per_minute(per_minute) };
            let (mut now, mut arrival, mut passed) = (1_000_000i64, 0, Vec::new());
            for gap in gaps {
                now += gap;
                if let Decision::Allow(next) = limit.decide(arrival, Timestamp::from_millis(now)) {
                    arrival = next;
                    passed.push(now * 1000);
                }
            }
            for first in 0..passed.len() {
                for last in first..passed.len() {
                    let length = passed[last] - passed[first] + slack + carry_over;
                    let most = limit.burst + length * i64::from(per_minute) / 60_000_000;
                    prop_assert!((last - first + 1) as i64 <= most);
                }
            }
        }

        #[test]
        fn the_wait_that_clients_get_is_enough_and_no_more(per_minute in 1u32..5_000, ahead in 0i64..200_000_000) {
            let limit = RateLimit::per_minute(per_minute);
            let now = Timestamp::from_secs(1_000);
            let arrival = micros(now) + ahead;
            if let Decision::Wait(wait) = limit.decide(arrival, now) {
                let enough = limit.latest(now) + wait.as_micros() as i64;
                prop_assert!(arrival <= enough && arrival > enough - 1);
                prop_assert_eq!(limit.allowance(arrival, now).remaining, 0);
            }
        }
    }
}
