//! The states of a message, and the order in which a queue delivers visible messages.

use std::fmt;
use std::sync::Arc;

use super::receipt_handle::Position;

/// The state of a message. Times are milliseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// Not in the queue: not added yet, or removed.
    Absent,
    /// A receive may return it.
    Visible { since: i64 },
    /// Sent with a delay that has not ended.
    Delayed { until: i64 },
    /// Received by the receive of this number, and neither deleted nor visible again.
    InFlight {
        until: i64,
        receive: u64,
        /// When it was received.
        since: i64,
        /// Whether its visibility timeout was changed since.
        is_changed: bool,
    },
}

impl MessageState {
    /// Whether the message is in flight.
    pub fn is_in_flight(self) -> bool {
        matches!(self, Self::InFlight { .. })
    }

    /// When a hidden message becomes visible.
    pub fn hidden_until(self) -> Option<i64> {
        match self {
            Self::Delayed { until } | Self::InFlight { until, .. } => Some(until),
            Self::Absent | Self::Visible { .. } => None,
        }
    }

    /// Since when a visible message is visible.
    pub fn visible_since(self) -> Option<i64> {
        if let Self::Visible { since } = self { Some(since) } else { None }
    }
}

/// Decides which visible message is delivered next: the only difference between standard and FIFO queues.
pub trait DeliveryOrder: fmt::Debug + Send {
    /// The state of a message changed.
    fn on_changed(&mut self, position: Position, group: Option<&Arc<str>>, from: MessageState, to: MessageState);
    /// The next messages to deliver, in order and at most `max`; none when no message can be received.
    fn next_receivable(&self, max: usize) -> Vec<Position>;
}
