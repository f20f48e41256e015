//! The model of charging: its bounds, its actions, and a transition in progress.

use super::state::Status;
use crate::protocol;

/// The protocol of charging, within bounds.
#[derive(Clone, Copy, Debug)]
pub struct Charging {
    /// The message of each request: those of one Idempotency-Key have the same.
    pub messages: &'static [u8],
    /// Credits at the start.
    pub granted: i8,
    /// Crashes, and calls without a response.
    pub faults: u8,
}

/// The protocol with some of its mechanisms.
pub type Model = protocol::Model<Charging>;
/// A transition in progress.
pub type Transition = protocol::Transition<Charging>;

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
    /// The call that inserts a request's record ends.
    Insert(u8, Call),
    /// The call that enqueues its message ends.
    Enqueue(u8, Call),
    /// A request crashes.
    Crash(u8),
    /// A request reaches its timeout: if its process still works on it, Lambda ends it.
    TimeOut(u8),
    /// A later charge of the process removes the reservation.
    NextCharge(u8),
    /// `deliver` receives an entry of a message: the message is sent, attempted or failed, if its record allows it.
    Deliver(u8, u8, Status),
    /// `settle` looks at a message that was moved back.
    MovedBack(u8),
    /// The customer cancels a message.
    Cancel(u8),
    /// `settle` reads the record of a reservation.
    Settle(u8),
    /// `settle` takes its next step.
    SettleNext,
    /// `settle` crashes.
    SettleCrash,
}

/// Whether a message with this status waits in the queue.
pub(super) const fn is_queued(status: Status) -> bool {
    matches!(status, Status::Queued | Status::Tried)
}
