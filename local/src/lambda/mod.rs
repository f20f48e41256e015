//! Lambda on this machine: each function a process of its own that takes its events over the Lambda Runtime API.
//!
//! An execution environment handles one event at a time. Where there are more events, more environments are started;
//! one whose process ended, or took too long, is thrown away, and the next event starts another.

mod environment;
mod function;
mod runtime_api;

pub use function::{Function, Invoked, Launch};

use bytes::Bytes;

/// What a function answers to an event.
pub type Answer = Result<Bytes, InvocationError>;

/// An event that a function did not answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum InvocationError {
    /// The function says that it failed.
    #[error("{0}")]
    Failed(String),
    /// It took longer than its time-out.
    #[error("Task timed out after {0} seconds")]
    TimedOut(u64),
    /// Its process ended before it answered.
    #[error("Runtime exited before it answered")]
    Exited,
    /// Its process could not be started.
    #[error("can't be started: {0}")]
    NotStarted(String),
}
