//! The model of messages that wait in the table: its bounds, its actions, and a transition in progress.

use super::state::Lane;
use crate::protocol;

/// The protocol of waiting in the table, within bounds.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// Messages to one recipient, at most [`super::state::MAX_MESSAGES`].
    pub messages: u8,
    /// Whether there are crashes, failures, and second feeders.
    pub has_faults: bool,
}

/// The protocol with some of its mechanisms.
pub type Model = protocol::Model<Waiting>;
/// A transition in progress.
pub type Transition = protocol::Transition<Waiting>;

/// Where an accepted message is put.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Place {
    /// Into the queue of its lane.
    Queue,
    /// Into the table: its slot is far ahead.
    Table,
    /// Nowhere: the request crashes after the record.
    Nowhere,
}

/// What can happen next. The number of a request is that of its message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// A request begins.
    Begin(u8),
    /// Its message is charged and recorded, and put in its place.
    Accept(u8, Lane, Place),
    /// `settle` enqueues a message whose request crashed.
    Settle(u8),
    /// A feeder enqueues a message that it has seen waiting, however long ago: any number of feeders, in any order.
    Feed(u8),
    /// A feeder takes a message out of the table and crashes: only without `Mechanism::FedUntilClaimed`.
    TakeOut(u8),
    /// The customer cancels a message, or it expires.
    Fail(u8),
    /// A process receives the first message of a queue, with the instance as it is, or as it was before the pause.
    Receive(Lane, bool),
    /// It claims the message, puts it into the table, or returns it.
    Attempt(Lane),
    /// It looks for earlier messages.
    Prepare(Lane),
    /// It posts the message: WhatsApp accepts it, or refuses it for now.
    Post(Lane, bool),
    /// It deletes a message from its queue that waits in the table.
    Delete(Lane),
    /// It crashes with a message that it has not claimed.
    Crash(Lane),
    /// WhatsApp asks the instance to pause; all processes see it; the pause ends.
    Pause,
    /// See [`Action::Pause`].
    SeePause,
    /// See [`Action::Pause`].
    EndPause,
    /// `settle` brings the instance back to the express lane.
    LeaveBulkLane,
}
