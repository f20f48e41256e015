//! A state of the model: messages of one conversation, two queues with a process of `deliver` each, and the instance.

pub use crate::conversation::{Lane, Status};

/// The most messages.
pub const MAX_MESSAGES: usize = 3;

/// How far a request is.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "the steps of a request")]
pub enum Step {
    #[default]
    NotSent,
    Begun,
    /// Its message is in a queue or waits in the table, and it is answered 202.
    Answered,
    /// It crashed after its message was recorded.
    Crashed,
}

/// A request and its message, in the order of the attribute `at`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Message {
    /// How far its request is.
    pub step: Step,
    /// Its lane.
    pub lane: Lane,
    /// Its status.
    pub status: Status,
    /// Whether it waits in the table.
    pub waits: bool,
    /// Whether a feeder has ever seen it waiting.
    pub was_seen: bool,
    /// How often feeders have enqueued it.
    pub fed: u8,
    /// Whether WhatsApp has refused it once.
    pub refused: bool,
    /// The requests that were answered before its own began: a bit each.
    pub follows: u8,
}

/// What a process of `deliver` has done with its message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "the steps of a process")]
pub enum Stage {
    Received,
    Claimed,
    Ready,
    /// The message waits in the table and is still in the queue.
    Parked,
}

/// A process of `deliver`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Worker {
    /// Its message, the first of its queue.
    pub message: u8,
    /// Whether it sees the instance as it was before the pause.
    pub is_stale: bool,
    /// How far it is.
    pub stage: Stage,
}

/// The instance.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "a pause begins and ends")]
pub enum Pause {
    #[default]
    NotYet,
    /// Some processes have a copy of the instance from before.
    Begun,
    /// All processes see it.
    Seen,
    Over,
}

/// A state of the model.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct State {
    /// The messages.
    pub messages: [Message; MAX_MESSAGES],
    /// Whether the ledger marks the instance as in the bulk lane.
    pub is_marked: bool,
    /// The instance's pause.
    pub pause: Pause,
    /// The messages of each queue, by lane: one message group, in the order of the enqueues.
    pub queues: [Vec<u8>; 2],
    /// The processes, by lane.
    pub workers: [Option<Worker>; 2],
    /// Whether a process has crashed.
    pub has_crashed: bool,
    /// Whether a message was posted before an open one that was accepted before its request began.
    pub is_out_of_order: bool,
}
