//! Where a message of a queue is, and the question which one comes next.

use std::fmt;
use std::sync::Arc;

use super::receipt::Position;

/// Where a message is. Times are milliseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A receive may give it.
    Visible,
    /// Sent with a delay that is not over.
    Delayed {
        /// When it becomes visible.
        until: i64,
    },
    /// Received, and neither deleted nor visible again.
    InFlight {
        /// When it becomes visible again.
        until: i64,
        /// Which receive it was.
        receive: u64,
        /// When that was.
        since: i64,
        /// Whether its visibility was changed after that.
        is_changed: bool,
    },
}

impl Place {
    /// Whether it was received and is neither deleted nor visible again.
    pub fn is_in_flight(self) -> bool {
        matches!(self, Self::InFlight { .. })
    }
}

/// Which visible message comes next: standard and FIFO queues differ in this alone.
pub trait Order: fmt::Debug + Send {
    /// A message is in the queue, hidden for now.
    fn arrives(&mut self, position: Position, group: Option<&Arc<str>>);
    /// A message becomes visible at `at`.
    fn shows(&mut self, position: Position, group: Option<&Arc<str>>, at: i64, from: Place);
    /// A visible message is received.
    fn flies(&mut self, position: Position, group: Option<&Arc<str>>);
    /// A message is in the queue no more.
    fn leaves(&mut self, position: Position, group: Option<&Arc<str>>, from: Place);
    /// The next messages, `room` at most and in their order; none when no message may be received.
    fn next(&self, room: usize) -> Vec<Position>;
}
