//! The time, in milliseconds since the Unix epoch.
//!
//! Debug builds add the offset of the local stack's clock, so that a test can advance it by hours. Release builds cannot.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// The contract's form: ISO 8601, three digits of milliseconds, `Z`.
const ISO_8601: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// The times that the form can show, in milliseconds: the years 0000 to 9999.
const SHOWN: RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// Milliseconds since the Unix epoch; displayed as `2026-02-03T12:00:00.000Z`. A time that this form cannot show is
/// displayed as the nearest that it can.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A time from milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// A time from whole seconds since the Unix epoch.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, the unit of DynamoDB's TTL and of the rate-limit headers.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This time plus `duration`.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This time minus `duration`.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The time from this until `later`; zero when `later` is earlier.
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }
}

/// A text that is not a time. Displays as the end of a sentence that begins with the field's name.
#[derive(Debug, thiserror::Error)]
#[error("must be a time such as 2026-02-03T12:00:00.000Z.")]
pub struct InvalidTimestamp;

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Parses RFC 3339, with any offset; anything finer than milliseconds is cut off.
    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let time = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InvalidTimestamp)?;
        i64::try_from(time.unix_timestamp_nanos() / 1_000_000).map(Self).map_err(|_| InvalidTimestamp)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = i128::from(self.0.clamp(*SHOWN.start(), *SHOWN.end())) * 1_000_000;
        let time = OffsetDateTime::from_unix_timestamp_nanos(nanos).map_err(|_| fmt::Error)?;
        f.write_str(&time.format(ISO_8601).map_err(|_| fmt::Error)?)
    }
}

/// The time now.
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)).plus(offset())
}

/// Waits until a time. In debug builds the local stack's clock may be advanced meanwhile.
pub async fn sleep_until(time: Timestamp) {
    loop {
        let wait = now().until(time);
        if wait.is_zero() {
            return;
        }
        tokio::time::sleep(wait.min(LONGEST_SLEEP)).await;
    }
}

/// How long a process sleeps without looking at the clock.
const LONGEST_SLEEP: Duration = if cfg!(debug_assertions) { Duration::from_millis(50) } else { Duration::MAX };

/// How far the local stack's clock is ahead of real time: 8 bytes, little endian, milliseconds.
#[cfg(debug_assertions)]
fn offset() -> Duration {
    use std::sync::OnceLock;
    static FILE: OnceLock<Option<String>> = OnceLock::new();
    FILE.get_or_init(|| std::env::var("CLOCK_FILE").ok())
        .as_ref()
        .and_then(|file| std::fs::read(file).ok())
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(Duration::ZERO, |bytes| Duration::from_millis(u64::from_le_bytes(bytes)))
}

#[cfg(not(debug_assertions))]
const fn offset() -> Duration {
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_displayed_with_three_digits_of_milliseconds_and_z() {
        assert_eq!(Timestamp::from_millis(1_770_120_000_000).to_string(), "2026-02-03T12:00:00.000Z");
        assert_eq!(Timestamp::from_millis(1_770_120_000_007).to_string(), "2026-02-03T12:00:00.007Z");
    }

    #[test]
    fn every_time_is_displayed_and_one_that_cannot_be_as_the_nearest() {
        for (millis, displayed) in [
            (i64::MIN, "0000-01-01T00:00:00.000Z"),
            (*SHOWN.start(), "0000-01-01T00:00:00.000Z"),
            (*SHOWN.end(), "9999-12-31T23:59:59.999Z"),
            (i64::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Timestamp::from_millis(millis).to_string(), displayed, "{millis}");
        }
    }

    #[test]
    fn the_time_until_an_earlier_time_is_zero() {
        let now = Timestamp::from_secs(100);
        assert_eq!(now.until(Timestamp::from_secs(99)), Duration::ZERO);
        assert_eq!(now.until(Timestamp::from_secs(101)), Duration::from_secs(1));
    }
}
