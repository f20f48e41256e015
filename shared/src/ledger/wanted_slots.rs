//! Slots that are wanted for messages that wait in the table, and those that are booked.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::ledger::bulk_lane::Lane;
use crate::ledger::rate_limit::ArrivalTime;
use crate::ledger::slot_shares::SendSlots;

/// Consecutive slots of a number.
#[derive(Clone, Copy, Debug)]
pub struct BookedSlots {
    pub(super) first: ArrivalTime,
    pub(super) interval: i64,
    /// How many; none when the next one is too far away.
    pub count: usize,
    /// The queue that their messages go through.
    pub lane: Lane,
}

/// What is to be booked.
#[derive(Clone, Copy, Debug)]
pub struct WantedSlots {
    /// The slots of the number.
    pub slots: SendSlots,
    /// The most that are booked.
    pub most: usize,
    /// When the first may be.
    pub not_before: Timestamp,
    /// What they are for.
    pub waiting: WaitingMessages,
}

/// Messages that wait in the table until they have a slot.
#[derive(Clone, Copy, Debug)]
pub enum WaitingMessages {
    /// Those of batches.
    OfBatches {
        /// When the last slot may be.
        until: Timestamp,
        /// Nothing is booked where there is room for less of the number's time than this, unless that is enough for all.
        least: Duration,
    },
    /// Single ones with a `sendAt`, in the lane of their number's other single messages.
    Scheduled {
        /// Whether they have found no slot for long: in the bulk lane these get one wherever a charge does.
        have_starved: bool,
    },
}

impl BookedSlots {
    /// So many for the bulk queue, the first at an arrival time, in microseconds from one to the next.
    pub const fn new(first: ArrivalTime, interval: i64, count: usize) -> Self {
        Self { first, interval, count, lane: Lane::Bulk }
    }

    /// The number of the first, if slots of this interval were counted since the epoch: the first one that is booked next has the number
    /// behind the last.
    pub fn number(&self) -> usize {
        usize::try_from(self.first / self.interval.max(1)).unwrap_or_default()
    }

    /// The slot behind the last.
    pub(super) fn end(&self) -> ArrivalTime {
        self.first + self.interval * i64::try_from(self.count).unwrap_or(i64::MAX)
    }

    /// How much of the number's time they take.
    pub fn span(&self) -> Duration {
        let span = i64::try_from(self.count).unwrap_or(i64::MAX).saturating_mul(self.interval);
        Duration::from_micros(span.unsigned_abs())
    }

    /// The slot at a position.
    pub fn at(&self, position: usize) -> Timestamp {
        let behind = i64::try_from(position).unwrap_or(i64::MAX).saturating_mul(self.interval);
        Timestamp::from_millis(self.first.saturating_add(behind) / 1000)
    }
}
