//! The model of charging: its bounds, its actions, and a transition in progress.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use super::mechanism::Mechanism;
use super::state::{State, Status};
use crate::mechanisms::Mechanisms;

/// The bounds of the model.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The message of each request: those of one Idempotency-Key have the same.
    pub messages: &'static [u8],
    /// Credits at the start.
    pub granted: i8,
    /// Crashes, and calls without a response.
    pub faults: u8,
}

/// The model.
#[derive(Clone, Debug)]
pub struct Charging {
    /// Its bounds.
    pub bounds: Bounds,
    /// The active mechanisms.
    pub active: Mechanisms<Mechanism>,
    /// Parts of the code that the exploration covered: a bit each.
    pub covered: Arc<AtomicU32>,
}

/// The outcome of a call to AWS.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Call {
    /// Applied and answered.
    Answered,
    /// Applied; the response is lost, and the SDK is about to repeat the call.
    Repeated,
    /// Applied; the SDK gives up without a response.
    LostApplied,
    /// Not applied; the SDK gives up.
    Lost,
}

/// What can happen next.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// The client sends a request, or repeats one.
    Send(u8),
    /// A request takes its next step.
    Step(u8, Call),
    /// A request crashes.
    Crash(u8),
    /// A request reaches its timeout: if its process still works on it, Lambda ends it.
    TimeOut(u8),
    /// A later charge of the process removes the reservation.
    NextCharge(u8),
    /// `deliver` receives an entry of a message: the message is sent, attempted or failed, if its record allows it.
    Deliver(u8, u8, Status),
    /// The customer cancels a message.
    Cancel(u8),
    /// `settle` reads the record of a reservation.
    Settle(u8),
    /// `settle` takes its next step.
    SettleNext,
    /// `settle` crashes.
    SettleCrash,
}

/// A transition in progress: the state that it changes.
#[derive(Debug)]
pub(crate) struct Transition {
    pub(super) state: State,
    pub(super) bounds: Bounds,
    pub(super) active: Mechanisms<Mechanism>,
    pub(super) parts: Cell<u32>,
}

impl Charging {
    /// A model with these bounds and mechanisms.
    pub fn new(bounds: Bounds, active: Mechanisms<Mechanism>) -> Self {
        Self { bounds, active, covered: Arc::default() }
    }
}

/// Whether a message with this status waits in the queue.
pub(super) const fn is_queued(status: Status) -> bool {
    matches!(status, Status::Queued | Status::Tried)
}
