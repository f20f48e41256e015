//! The states of a message, and the order in which a queue delivers visible messages.

use std::fmt;
use std::sync::Arc;

use super::receipt_handle::Position;

/// The state of a message. Times are milliseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// A receive may return it.
    Visible,
    /// Sent with a delay that has not ended.
    Delayed {
        /// When it becomes visible.
        until: i64,
    },
    /// Received, and neither deleted nor visible again.
    InFlight {
        /// When it becomes visible again.
        until: i64,
        /// The number of the receive that returned it.
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
}

/// Decides which visible message is delivered next: the only difference between standard and FIFO queues.
pub trait DeliveryOrder: fmt::Debug + Send {
    /// A message was added to the queue and is not visible yet.
    fn on_enqueued(&mut self, position: Position, group: Option<&Arc<str>>);
    /// A message became visible at `at`.
    fn on_visible(&mut self, position: Position, group: Option<&Arc<str>>, at: i64, from: MessageState);
    /// A visible message was received.
    fn on_received(&mut self, position: Position, group: Option<&Arc<str>>);
    /// A message was removed from the queue.
    fn on_removed(&mut self, position: Position, group: Option<&Arc<str>>, from: MessageState);
    /// The next messages to deliver, in order and at most `max`; none when no message can be received.
    fn next_receivable(&self, max: usize) -> Vec<Position>;
}
