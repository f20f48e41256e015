//! Counts the hours of a day that lack a recent count, page by page in the order of the messages' times.
//!
//! An hour's counts replace those before: counting it twice, or in two processes at once, gives the same. A call examines a
//! bounded number of messages; of an hour that has more, it keeps how far it came.

use std::time::Duration;

use futures::future::try_join_all;
use shared::aws::TableError;
use shared::batch::InstanceHistory;
use shared::clock::{self, Timestamp};
use shared::message::MAX_PAGE;

use super::counts::Counts;
use super::day::{Counted, Day, Progress};
use super::period::{AN_HOUR, begin_of};

/// Messages that one call examines. Each is half a read unit, so a call costs at most 0.0007 dollars.
const EXAMINED: usize = 10_000;
/// As many messages as a query counts for.
const QUERY: usize = 50;
/// Messages that are read at a time.
const PAGE: usize = 5 * MAX_PAGE;
/// How long one call counts: `manage` has 15 seconds.
const TIME_OF_CALL: Duration = Duration::from_secs(7);

/// How much more a call may examine.
pub struct Budget {
    messages: usize,
    until: Timestamp,
}

impl Budget {
    /// That of a call that begins now.
    pub fn new() -> Self {
        Self { messages: EXAMINED, until: clock::now().plus(TIME_OF_CALL) }
    }

    /// Whether nothing more may be examined.
    pub fn is_spent(&self) -> bool {
        self.messages == 0 || clock::now() >= self.until
    }

    fn spend(&mut self, messages: usize) {
        self.messages = self.messages.saturating_sub(messages.max(QUERY));
    }
}

/// Counts those of `hours` that lack a count, and what lies between them. `false` when none lacks one.
pub async fn count_day(
    history: &InstanceHistory<'_>,
    (day, counted): (Timestamp, &mut Day),
    hours: impl Iterator<Item = Timestamp>,
    budget: &mut Budget,
) -> Result<bool, TableError> {
    let now = clock::now();
    let lacking: Vec<_> = hours.filter(|hour| counted.lacks(day, *hour, now)).collect();
    let (Some(first), Some(last)) = (lacking.first().copied(), lacking.last().copied()) else { return Ok(false) };
    let end = Timestamp::from_millis(last.plus(AN_HOUR).millis() - 1);
    let (mut hour, mut current) = (first, begin(counted.hour_mut(day, first).progress.take(), now));
    while !budget.is_spent() {
        let cursor = Some(current.cursor.as_str()).filter(|cursor| !cursor.is_empty());
        let (ids, next) = history.ids_in_period((hour, end), cursor, PAGE).await?;
        budget.spend(ids.len());
        let reads = ids.chunks(MAX_PAGE).map(|ids| history.messages.get_batch_eventually(ids));
        for message in try_join_all(reads).await?.iter().flatten() {
            let of_message = begin_of(AN_HOUR, message.created_at);
            while hour < of_message {
                finish(counted, day, hour, std::mem::replace(&mut current, begin(None, now)));
                hour = hour.plus(AN_HOUR);
            }
            current.counts.count(message);
        }
        let Some(next) = next else {
            while hour <= last {
                finish(counted, day, hour, std::mem::replace(&mut current, begin(None, now)));
                hour = hour.plus(AN_HOUR);
            }
            return Ok(true);
        };
        current.cursor = next;
    }
    counted.hour_mut(day, hour).progress = Some(current).filter(|current| !current.cursor.is_empty());
    Ok(true)
}

/// The count of an hour, from where it was left.
fn begin(progress: Option<Progress>, now: Timestamp) -> Progress {
    progress.unwrap_or_else(|| Progress { since: now, cursor: String::new(), counts: Counts::default() })
}

/// Replaces the counts of an hour, unless they are final.
fn finish(day: &mut Day, of_day: Timestamp, at: Timestamp, complete: Progress) {
    let hour = day.hour_mut(of_day, at);
    hour.progress = None;
    if hour.counted.as_ref().is_none_or(|counted| !counted.is_final(at)) {
        hour.counted = Some(Counted { as_of: complete.since, counts: complete.counts });
    }
}
