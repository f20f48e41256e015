//! The model of erasure: its bounds, its actions, and a transition in progress.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use super::mechanism::Mechanism;
use super::part::Part;
use super::state::State;
use crate::mechanisms::Mechanisms;

/// The bounds of the model.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Whether the message is an inbound one, whose callback WhatsApp repeats; otherwise one of the customer's.
    pub inbound: bool,
    /// Whether the webhook exists from the start.
    pub webhook: bool,
}

/// What can happen next.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// The request takes its next step.
    Send,
    /// The request breaks off.
    Crash,
    /// `deliver` claims the message.
    Claim,
    /// WhatsApp has accepted or refused the message, and `deliver` records that.
    Result(bool),
    /// `settle` takes its next step with the reservation.
    Settle,
    /// `receive` handles a callback.
    Callback,
    /// An erasure takes its next step.
    Erase(u8),
    /// The webhook is created.
    CreateWebhook,
    /// The event comes from the stream or the queue, and its attempt begins.
    Begin,
    /// The attempt looks whether the message was erased, and posts otherwise.
    Post,
    /// The endpoint accepts the event, or does not.
    Respond(bool),
    /// The logs are redacted, for the first or the second time.
    Redact,
}

/// The model.
#[derive(Clone, Debug)]
pub struct Erasing {
    /// Its bounds.
    pub bounds: Bounds,
    /// The active mechanisms.
    pub active: Mechanisms<Mechanism>,
    /// Parts of the code that the exploration covered: a bit each.
    pub covered: Arc<AtomicU32>,
}

/// A transition in progress: the state that it changes.
#[derive(Debug)]
pub(crate) struct Transition {
    pub(super) state: State,
    pub(super) active: Mechanisms<Mechanism>,
    pub(super) inbound: bool,
    pub(super) parts: Cell<u32>,
}

impl Erasing {
    /// A model with these bounds and mechanisms.
    pub fn new(bounds: Bounds, active: Mechanisms<Mechanism>) -> Self {
        Self { bounds, active, covered: Arc::default() }
    }
}

impl Transition {
    pub(super) fn has(&self, mechanism: Mechanism) -> bool {
        self.active.has(mechanism)
    }

    /// Notes that the step represents this part of the code.
    pub(super) fn part(&self, part: Part) {
        self.parts.set(self.parts.get() | 1 << part as u32);
    }
}
