//! Limits by the generic cell rate algorithm (GCRA): one number, the theoretical arrival time, holds a limit exactly.
//!
//! No window of any length lets more through than the burst and the rate times its length. Times are microseconds since
//! the Unix epoch, since a large plan's requests lie less than a millisecond apart.

use std::time::Duration;

use crate::change::Change;
use crate::clock::Timestamp;

/// A theoretical arrival time, in microseconds since the Unix epoch: how far ahead of its rate somebody is.
pub type ArrivalTime = i64;

/// So much at once, and then so much steadily.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RateLimit {
    /// Microseconds between two requests at the steady rate.
    interval: i64,
    /// Requests that may come at once.
    burst: i64,
}

/// What a limit says of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It may pass, and moves the arrival time here.
    Pass(ArrivalTime),
    /// It may not, before so much time has passed.
    Wait(Duration),
}

/// What clients are told of their limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Allowance {
    /// Requests a minute.
    pub limit: i64,
    /// Requests that would pass now.
    pub remaining: i64,
    /// When all of them will pass again, in seconds since the epoch.
    pub reset: i64,
}

impl RateLimit {
    /// So many requests a minute; as many may come at once.
    pub const fn per_minute(requests: u32) -> Self {
        let requests = if requests == 0 { 1 } else { requests as i64 };
        Self { interval: 60_000_000 / requests, burst: requests }
    }

    /// One every `interval` microseconds, with `burst` at once.
    pub const fn every(interval: i64, burst: i64) -> Self {
        Self { interval, burst }
    }

    /// Microseconds between two requests at the steady rate.
    pub const fn interval(self) -> i64 {
        self.interval
    }

    /// The greatest arrival time at which a request still passes.
    pub const fn latest(self, now: Timestamp) -> ArrivalTime {
        micros(now) + (self.burst - 1) * self.interval
    }

    /// Whether a request passes at `now`.
    pub fn decide(self, arrival: ArrivalTime, now: Timestamp) -> Verdict {
        let late = arrival - self.latest(now);
        if late > 0 {
            return Verdict::Wait(Duration::from_micros(late.unsigned_abs()));
        }
        Verdict::Pass(arrival.max(micros(now)) + self.interval)
    }

    /// Moves an arrival time on by one request, on the branch where it was last seen: an update can't take the greater of
    /// two times, so it is either ahead of now or not. Refused when it was seen wrong, or when the limit is reached.
    #[must_use]
    pub fn advance(self, change: Change, attribute: &str, seen: ArrivalTime, now: Timestamp) -> Change {
        if seen > micros(now) {
            let change = change.add(attribute, self.interval).when_above(attribute, micros(now));
            return change.when_at_most(attribute, self.latest(now));
        }
        change.set(attribute, micros(now) + self.interval).when_absent_or_at_most(attribute, micros(now))
    }

    /// What clients are told.
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
    fn a_burst_passes_at_once_and_then_one_every_interval() {
        let limit = RateLimit::per_minute(60);
        let now = Timestamp::from_secs(1_000);
        let mut arrival = 0;
        for _ in 0..60 {
            let Verdict::Pass(next) = limit.decide(arrival, now) else { panic!("within the burst") };
            arrival = next;
        }
        assert_eq!(limit.decide(arrival, now), Verdict::Wait(Duration::from_secs(1)));
        assert_eq!(limit.allowance(arrival, now), Allowance { limit: 60, remaining: 0, reset: 1_060 });
        let later = Timestamp::from_secs(1_001);
        assert!(matches!(limit.decide(arrival, later), Verdict::Pass(_)));
        assert_eq!(limit.allowance(arrival, later).remaining, 1);
        assert_eq!(limit.allowance(0, now), Allowance { limit: 60, remaining: 60, reset: 1_000 });
    }

    proptest! {
        #[test]
        fn no_window_lets_more_through_than_burst_and_rate_times_its_length(
            per_minute in 1u32..20_000,
            gaps in prop::collection::vec(0i64..2_000, 1..400),
        ) {
            let limit = RateLimit::per_minute(per_minute);
            let (mut now, mut arrival, mut passed) = (1_000_000i64, 0, Vec::new());
            for gap in gaps {
                now += gap;
                if let Verdict::Pass(next) = limit.decide(arrival, Timestamp::from_millis(now)) {
                    arrival = next;
                    passed.push(now * 1000);
                }
            }
            for first in 0..passed.len() {
                for last in first..passed.len() {
                    let most = limit.burst + (passed[last] - passed[first]) / limit.interval;
                    prop_assert!((last - first + 1) as i64 <= most);
                }
            }
        }

        #[test]
        fn what_clients_are_told_to_wait_is_enough_and_no_more(per_minute in 1u32..5_000, ahead in 0i64..200_000_000) {
            let limit = RateLimit::per_minute(per_minute);
            let now = Timestamp::from_secs(1_000);
            let arrival = micros(now) + ahead;
            if let Verdict::Wait(wait) = limit.decide(arrival, now) {
                let enough = limit.latest(now) + wait.as_micros() as i64;
                prop_assert!(arrival <= enough && arrival > enough - 1);
                prop_assert_eq!(limit.allowance(arrival, now).remaining, 0);
            }
        }
    }
}
