//! Receipt handles: which message of which queue, and which receive returned it.

use super::error::SqsError;

/// A message's number in its queue, in the order of enqueueing.
pub type Position = u64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptHandle {
    pub position: Position,
    /// The number of the receive: a queue counts its receives.
    pub receive: u64,
}

impl ReceiptHandle {
    /// The handle's text; `queue_id` is the queue's unique id, because another queue may get the same name later.
    pub fn to_text(self, queue_id: &str) -> String {
        format!("{queue_id}-{:x}-{:x}", self.position, self.receive)
    }

    /// Parses a handle that the queue issued.
    /// Fails with `ReceiptHandleIsInvalid` for a handle that the queue never issued.
    pub fn parse(handle: &str, queue_id: &str) -> Result<Self, SqsError> {
        let parse = |handle: &str| {
            let (position, receive) = handle.strip_prefix(queue_id)?.strip_prefix('-')?.split_once('-')?;
            Some(Self {
                position: Position::from_str_radix(position, 16).ok()?,
                receive: u64::from_str_radix(receive, 16).ok()?,
            })
        };
        parse(handle).ok_or_else(|| {
            let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
            SqsError::ReceiptHandleIsInvalid(message)
        })
    }
}
