//! The model of lanes: its bounds, its actions, and a transition in progress.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use super::mechanism::Mechanism;
use super::part::Part;
use super::state::{Lane, State};
use crate::mechanisms::Mechanisms;

/// The model.
#[derive(Clone, Debug)]
pub struct Lanes {
    /// Requests to one recipient, at most [`state::MAX_REQUESTS`].
    pub requests: u8,
    /// The active mechanisms.
    pub active: Mechanisms<Mechanism>,
    /// Parts of the code that the exploration covered: a bit each.
    pub covered: Arc<AtomicU32>,
}

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
}

impl Lanes {
    /// A model with this number of requests and these mechanisms.
    pub fn new(requests: u8, active: Mechanisms<Mechanism>) -> Self {
        Self { requests, active, covered: Arc::default() }
    }
}
