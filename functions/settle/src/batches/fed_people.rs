//! How many rows of batches this process has enqueued lately for each person.
//!
//! A customer may name one recipient in any number of rows, and WhatsApp takes one in six seconds of them (pair rate, error 131056). All in the
//! queue, they would be one message group of which nothing leaves: SQS looks for others only among the first 120,000 messages of a
//! FIFO queue, which is that of all customers.

use shared::bounded_map::BoundedMap;
use shared::clock::Timestamp;
use shared::ledger::rate_limit::{ArrivalTime, Decision, RateLimit};

/// Rows of one person: ten at once, and one in twelve seconds, since several processes enqueue.
const LIMIT: RateLimit = RateLimit { interval: 12_000_000, burst: 10, slack: 0, carry_over: 0 };

/// The people of whom rows were enqueued.
#[derive(Default)]
pub struct FedPeople(BoundedMap<String, ArrivalTime>);

impl FedPeople {
    /// Whether another row of a message group may be enqueued, which counts it. Those behind it in its batch wait for it.
    pub fn admits(&self, group: &str, now: Timestamp) -> bool {
        self.0.with(&group.to_owned(), |arrival| match LIMIT.decide(*arrival, now) {
            Decision::Allow(next) => {
                *arrival = next;
                true
            }
            Decision::Wait(_) => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn ten_rows_of_a_person_are_enqueued_at_once_and_then_one_in_twelve_seconds() {
        let (people, now) = (FedPeople::default(), Timestamp::from_secs(1_000));
        let admitted = |group: &str, now| (0..50).filter(|_| people.admits(group, now)).count();
        assert_eq!((admitted("one", now), admitted("other", now)), (10, 10));
        assert_eq!(admitted("one", now.plus(Duration::from_secs(24))), 2);
    }
}
