//! A state of the model: requests, records, two queues, and a process of `deliver` for each.

pub use crate::conversation::{Lane, Status};

/// The most requests.
pub const MAX_REQUESTS: usize = 4;

/// How far a request is.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "the steps of a request")]
pub enum Step {
    #[default]
    NotSent,
    Begun,
    Charged,
    Recorded,
    /// Enqueued, and answered 202.
    Answered,
    /// It crashed before its answer.
    Crashed,
}

/// A request and its message. Requests are alike, so they begin in the order of their numbers, which is the order of the
/// attribute `at`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Request {
    /// How far it is.
    pub step: Step,
    /// Its message's lane.
    pub lane: Lane,
    /// Its message's status.
    pub status: Status,
    /// Whether WhatsApp has refused the message once.
    pub refused: bool,
    /// Whether the message was enqueued again.
    pub enqueued_again: bool,
    /// The requests that were answered before it began: a bit each.
    pub follows: u8,
}

/// A process of `deliver`: its message, and whether it is that one's turn.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Worker {
    /// The claimed message.
    pub message: u8,
    /// Whether it may be posted.
    pub is_ready: bool,
}

/// A state of the model.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct State {
    /// The requests.
    pub requests: [Request; MAX_REQUESTS],
    /// Whether the ledger marks the instance as in the bulk lane.
    pub is_marked: bool,
    /// The messages of each queue, by lane: one message group, in the order of the enqueues.
    pub queues: [Vec<u8>; 2],
    /// The processes, by lane: a message group is blocked while one of its messages is in flight.
    pub workers: [Option<Worker>; 2],
    /// Whether a message was posted before an open one that was accepted before its request began.
    pub is_out_of_order: bool,
}
