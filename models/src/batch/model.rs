//! The model of a batch's charge: its bounds, its actions, and a transition in progress.

use super::state::Status;
use crate::protocol;

/// The protocol of a batch's charge, within bounds.
#[derive(Clone, Copy, Debug)]
pub struct Batching {
    /// The batch of each request: those of one Idempotency-Key have the same.
    pub batches: &'static [u8],
    /// Credits at the start.
    pub granted: i8,
    /// Crashes, and calls without a response.
    pub faults: u8,
    /// Invocations of `settle` at a time.
    pub settlers: usize,
    /// Whether customers cancel messages, a recipient opts out, and people are erased.
    pub has_changes: bool,
}

/// The protocol with some of its mechanisms.
pub type Model = protocol::Model<Batching>;
/// A transition in progress.
pub type Transition = protocol::Transition<Batching>;

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
    /// The last recipient opts out.
    OptOut,
    /// A message of an open batch is sent, or fails.
    Deliver(u8, u8, Status),
    /// The customer cancels a message.
    Cancel(u8, u8),
    /// The person is erased to whom a message went.
    Erase(u8, u8),
    /// `settle` reads the batch of a reservation.
    Settle(u8, u8),
    /// `settle` looks at an open batch.
    Look(u8, u8),
    /// `settle` takes its next step.
    SettleNext(u8),
    /// `settle` crashes.
    SettleCrash(u8),
}
