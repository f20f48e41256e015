//! The model of ownership: its bounds, its actions, and a transition in progress.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use super::mechanism::Mechanism;
use super::state::State;
use crate::mechanisms::Mechanisms;

/// A request, or what `deliver` does after WhatsApp has refused a token.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Request {
    /// Connects an instance to a number.
    Connect(u8, u8),
    /// Disconnects an instance for its customer.
    Disconnect(u8),
    /// Deletes an instance.
    Delete(u8),
    /// Disconnects an instance whose token is no longer valid.
    TokenDies(u8),
}

/// The bounds of the model.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The requests: each is made once, at any time.
    pub requests: &'static [Request],
    /// Inbound messages to the first number.
    pub inbound: u8,
    /// Whether the first instance's record names the first number although that is the second one's, as versions without
    /// these mechanisms could leave it. Otherwise the number is the first one's.
    pub inherited: bool,
}

/// What can happen next.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// A request takes its next step.
    Request(u8),
    /// `receive` takes its next step with the callback, which WhatsApp repeats until it is acknowledged.
    Receive,
}

/// The model.
#[derive(Clone, Debug)]
pub struct Ownership {
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
    pub(super) parts: Cell<u32>,
}

impl Ownership {
    /// A model with these bounds and mechanisms.
    pub fn new(bounds: Bounds, active: Mechanisms<Mechanism>) -> Self {
        Self { bounds, active, covered: Arc::default() }
    }
}
