//! The model of messages that wait in the table: its bounds, its actions, and a transition in progress.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use super::mechanism::Mechanism;
use super::part::Part;
use super::state::{Lane, Message, State};
use crate::mechanisms::Mechanisms;

/// The model.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Messages to one recipient, at most [`super::state::MAX_MESSAGES`].
    pub messages: u8,
    /// Whether there are crashes, failures, and second feeders.
    pub has_faults: bool,
    /// The active mechanisms.
    pub active: Mechanisms<Mechanism>,
    /// Parts of the code that the exploration covered: a bit each.
    pub covered: Arc<AtomicU32>,
}

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
    /// A feeder takes a message out of the table and crashes: only without [`Mechanism::FedUntilClaimed`].
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

/// A transition in progress.
#[derive(Debug)]
pub(super) struct Transition {
    pub state: State,
    pub active: Mechanisms<Mechanism>,
    pub parts: Cell<u32>,
}

impl Transition {
    /// Whether a mechanism is active.
    pub fn has(&self, mechanism: Mechanism) -> bool {
        self.active.has(mechanism)
    }

    /// Notes that the step represents this part of the code.
    pub fn part(&self, part: Part) {
        self.parts.set(self.parts.get() | 1 << part as u32);
    }

    /// A message.
    pub const fn message(&mut self, number: u8) -> &mut Message {
        &mut self.state.messages[number as usize]
    }
}

impl Waiting {
    /// A model with this number of messages and these mechanisms.
    pub fn new(messages: u8, has_faults: bool, active: Mechanisms<Mechanism>) -> Self {
        Self { messages, has_faults, active, covered: Arc::default() }
    }
}
