//! The counts of an instance's day as the table holds them: each hour's, and how far the counting of an hour is.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use shared::aws::{AccountsTable, ItemKey, TableError};
use shared::clock::Timestamp;
use shared::ids::{AccountId, InstanceId};

use super::counts::Counts;
use super::period::{A_DAY, AN_HOUR};

/// How long after an hour its counts are final. By then each of its messages has been sent or has failed: it waits for a day
/// at most, and an unknown outcome for another (docs/delivery.md).
pub const FINAL_AFTER: Duration = Duration::from_secs(72 * 60 * 60);
/// How old the counts of an hour may be that is not final.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// The item. One request of an account at a time counts, and reads it first, so nothing that is final is replaced.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Day {
    /// The hours that were counted, from 0.
    hours: BTreeMap<String, Hour>,
    /// When the table deletes it: seconds since the epoch (DynamoDB's TTL).
    forget_at: i64,
}

/// An hour.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hour {
    /// The last complete count.
    pub counted: Option<Counted>,
    /// A count that is in progress.
    pub progress: Option<Progress>,
}

/// The messages of an hour as they were at a time.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counted {
    /// When the counting began.
    pub as_of: Timestamp,
    /// The counts.
    pub counts: Counts,
}

/// A count of an hour that has more messages than one call examines.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// When it began.
    pub since: Timestamp,
    /// The history key of the last message that it contains.
    pub cursor: String,
    /// The counts so far.
    pub counts: Counts,
}

impl Counted {
    /// Whether it is never counted again.
    pub fn is_final(&self, hour: Timestamp) -> bool {
        self.as_of >= hour.plus(AN_HOUR).plus(FINAL_AFTER)
    }

    /// Whether it is counted again when somebody looks: as long as it changes much, often, and later seldom.
    fn is_stale(&self, hour: Timestamp, now: Timestamp) -> bool {
        let age = hour.plus(AN_HOUR).until(now);
        !self.is_final(hour) && (age >= FINAL_AFTER || self.as_of.until(now) > FRESH.max(age / 2))
    }
}

impl Day {
    /// Writes the day, which is kept as long as its messages.
    pub async fn write(
        &mut self,
        accounts: &AccountsTable,
        account: &AccountId,
        instance: &InstanceId,
        (day, retention): (Timestamp, Duration),
    ) -> Result<(), TableError> {
        self.forget_at = day.plus(A_DAY).plus(retention).secs();
        accounts.put(ItemKey::statistics(account, instance, day), self).await
    }

    /// An hour of this day.
    pub fn hour(&self, day: Timestamp, hour: Timestamp) -> Option<&Hour> {
        self.hours.get(&number(day, hour))
    }

    /// The same, to count it.
    pub fn hour_mut(&mut self, day: Timestamp, hour: Timestamp) -> &mut Hour {
        self.hours.entry(number(day, hour)).or_default()
    }

    /// Whether an hour is to be counted.
    pub fn lacks(&self, day: Timestamp, hour: Timestamp, now: Timestamp) -> bool {
        let counted = self.hour(day, hour).and_then(|hour| hour.counted.as_ref());
        hour <= now && counted.is_none_or(|counted| counted.is_stale(hour, now))
    }
}

fn number(day: Timestamp, hour: Timestamp) -> String {
    (day.until(hour).as_secs() / AN_HOUR.as_secs()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_counted_again_ever_more_seldom_until_it_is_final() {
        let (hour, mut now, mut counted) = (Timestamp::from_secs(0), Timestamp::from_secs(60), 0);
        let mut last = Counted { as_of: now, counts: Counts::default() };
        while !last.is_final(hour) {
            now = now.plus(Duration::from_secs(60)); // somebody looks each minute
            if last.is_stale(hour, now) {
                (last.as_of, counted) = (now, counted + 1);
            }
        }
        assert!((15..25).contains(&counted), "{counted}");
        assert!(!last.is_stale(hour, now.plus(Duration::from_secs(1_000_000_000))));
    }
}
