//! When what a callback reports happened.

use std::time::Duration;

use crate::clock::Timestamp;

/// The precision of WhatsApp's times, and a margin.
const NEAR: Duration = Duration::from_secs(2);
/// The beginning of 2009, the year of WhatsApp's foundation: nothing happened before.
const EARLIEST: Timestamp = Timestamp::from_secs(1_230_768_000);

/// When an update happened, by WhatsApp's time or ours: WhatsApp's times are whole seconds, so one that is this near to now
/// is taken as now, and no message is shown as delivered before it was sent (docs/adr/0008). So is one that cannot be.
pub fn event_time(reported: Option<Timestamp>, now: Timestamp) -> Timestamp {
    match reported {
        Some(time) if EARLIEST <= time && time.plus(NEAR) < now => time,
        _ => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_cannot_be_is_taken_as_now() {
        let now = Timestamp::from_secs(1_760_000_000);
        for seconds in [i64::MIN, -1, 0, 1_230_767_999, 1_759_999_998, 1_760_000_001, i64::MAX] {
            assert_eq!(event_time(Some(Timestamp::from_secs(seconds)), now), now, "{seconds}");
        }
        let earlier = Timestamp::from_secs(1_759_999_997);
        assert_eq!(event_time(Some(earlier), now), earlier);
        assert_eq!(event_time(None, now), now);
    }
}
