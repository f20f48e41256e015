//! The period that a request wants, in whole hours or days of UTC.

use std::time::Duration;

use shared::clock::{self, Timestamp};

use crate::prelude::*;

/// An hour.
pub const AN_HOUR: Duration = Duration::from_secs(60 * 60);
/// A day.
pub const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest period of hours.
const MAX_HOURS: Duration = Duration::from_secs(31 * 24 * 60 * 60);
/// The longest period of days.
const MAX_DAYS: Duration = Duration::from_secs(93 * 24 * 60 * 60);
/// What `from` and `to` must be.
const TIME_RULE: &str = "must be a time, such as 2026-02-03T12:00:00Z.";

/// What a row is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Interval {
    /// An hour.
    Hour,
    /// A day of UTC.
    Day,
}

/// A period.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    /// The length of a row.
    pub interval: Interval,
    /// Its beginning.
    pub from: Timestamp,
    /// Its end, which does not belong to it.
    pub to: Timestamp,
}

impl Interval {
    const fn length(self) -> Duration {
        match self {
            Self::Hour => AN_HOUR,
            Self::Day => A_DAY,
        }
    }
}

impl Period {
    /// The period of a request: the last day by hours, or the last week by days, if it names none. Both ends are extended to
    /// whole hours or days.
    pub fn from_request(request: ApiRequest<'_>) -> Result<Self, ApiError> {
        let (interval, longest, usual) = match request.query("interval") {
            None | Some("day") => (Interval::Day, MAX_DAYS, A_DAY * 6),
            Some("hour") => (Interval::Hour, MAX_HOURS, A_DAY - AN_HOUR),
            Some(_) => return Err(ApiError::invalid("interval", "`interval` must be `hour` or `day`.")),
        };
        let now = clock::now();
        let to = request.parse_query("to", TIME_RULE)?.unwrap_or(now).min(now);
        let last = begin_of(interval.length(), to);
        let to = if last == to { to } else { last.plus(interval.length()) };
        let from = request.parse_query("from", TIME_RULE)?.unwrap_or_else(|| last.minus(usual));
        let from = begin_of(interval.length(), from);
        if to <= from {
            return Err(ApiError::invalid("from", "`from` must be before `to`, and must not be in the future."));
        }
        if from.until(to) > longest {
            let days = longest.as_secs() / A_DAY.as_secs();
            let message = format!("`from` must be at most {days} days before `to` with this `interval`.");
            return Err(ApiError::invalid("from", message));
        }
        Ok(Self { interval, from, to })
    }

    /// The beginnings of its rows.
    pub fn rows(self) -> impl Iterator<Item = Timestamp> {
        steps((self.from, self.to), self.interval.length())
    }

    /// The beginnings of its days.
    pub fn days(self) -> impl Iterator<Item = Timestamp> {
        steps((begin_of(A_DAY, self.from), self.to), A_DAY)
    }

    /// The beginnings of its hours within a day.
    pub fn hours_of(self, day: Timestamp) -> impl Iterator<Item = Timestamp> {
        steps((self.from.max(day), self.to.min(day.plus(A_DAY))), AN_HOUR)
    }

    /// The row that an hour belongs to.
    pub fn row_of(self, hour: Timestamp) -> Timestamp {
        begin_of(self.interval.length(), hour)
    }
}

/// The beginning of the hour or day of a time.
pub fn begin_of(length: Duration, at: Timestamp) -> Timestamp {
    let millis = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(at.millis().div_euclid(millis) * millis)
}

fn steps((from, to): (Timestamp, Timestamp), length: Duration) -> impl Iterator<Item = Timestamp> {
    std::iter::successors(Some(from), move |at| Some(at.plus(length))).take_while(move |at| *at < to)
}
