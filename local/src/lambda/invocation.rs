//! The result of an invocation.

use bytes::Bytes;

/// The function's response, or why there is none.
pub type InvocationResult = Result<Bytes, InvocationError>;

/// Why an invocation has no response.
#[derive(Clone, Debug, thiserror::Error)]
pub enum InvocationError {
    /// The function reported an error.
    #[error("{0}")]
    Failed(String),
    /// The function exceeded its timeout.
    #[error("Task timed out after {0} seconds")]
    TimedOut(u64),
    /// The function's process ended before it responded.
    #[error("Runtime exited before it answered")]
    Exited,
    /// The function's process could not be started.
    #[error("can't be started: {0}")]
    NotStarted(String),
}
