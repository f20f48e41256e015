//! The model of lanes: its bounds, its actions, and a transition in progress.

use super::state::Lane;
use crate::protocol;

/// The order of a conversation over two queues, within bounds.
#[derive(Clone, Copy, Debug)]
pub struct Lanes {
    /// Requests to one recipient, at most [`super::state::MAX_REQUESTS`].
    pub requests: u8,
}

/// The protocol with some of its mechanisms.
pub type Model = protocol::Model<Lanes>;
/// A transition in progress.
pub type Transition = protocol::Transition<Lanes>;

/// What can happen next. The number of a request is that of its message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// A request begins.
    Begin(u8),
    /// It is charged: the ledger chooses the lane.
    Charge(u8, Lane),
    /// It inserts the record.
    Insert(u8),
    /// It enqueues the message and is answered 202.
    Enqueue(u8),
    /// It crashes.
    Crash(u8),
    /// `settle` enqueues a message again that may not be in the queue.
    Settle(u8),
    /// The request is repeated with its Idempotency-Key: it enqueues the message again and is answered 202.
    Repeat(u8),
    /// The customer cancels a message, or it expires.
    Fail(u8),
    /// `deliver` receives the first message of a queue and claims it.
    Receive(Lane),
    /// It looks whether it is the message's turn.
    Prepare(Lane),
    /// It posts the message: WhatsApp accepts it, or refuses it for now.
    Post(Lane, bool),
    /// `settle` brings the instance back to the express lane.
    LeaveBulkLane,
}
