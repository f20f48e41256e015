//! What the queues between the functions have in common.

use aws_sdk_sqs::error::DisplayErrorContext;
use serde::Serialize;

/// A queue that did not answer. Whether it took the message is not known.
#[derive(Debug, thiserror::Error)]
#[error("SQS: {0}")]
pub struct QueueError(String);

impl QueueError {
    /// A failure of the SDK with all its causes.
    pub fn of(error: impl std::error::Error) -> Self {
        Self(DisplayErrorContext(error).to_string())
    }
}

/// The body of one of our own queue messages.
///
/// # Panics
/// Never: our own queue messages serialize.
pub fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("our own queue messages serialize")
}
