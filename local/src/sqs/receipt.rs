//! Receipt handles: which message of which queue, which of its receives, and what a consumer does with them.

use super::error::{ErrorCode, SqsError};
use super::order::Place;
use super::queue::Queue;

/// How long a message can stay hidden after one receive, in milliseconds.
const MAX_VISIBILITY: i64 = 12 * 60 * 60 * 1000;

/// A message's place in the order in which its queue took messages in.
pub type Position = u64;

/// What a receipt handle stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The message.
    pub position: Position,
    /// The receive: a queue counts them.
    pub receive: u64,
}

impl Receipt {
    /// The handle that a consumer gets; `queue` is the queue's own id, not its name, which may be used again.
    pub fn to_handle(self, queue: &str) -> String {
        format!("{queue}-{:x}-{:x}", self.position, self.receive)
    }

    /// Reads a handle that `queue` gave out.
    ///
    /// # Errors
    ///
    /// `ReceiptHandleIsInvalid` for what `queue` never gave out.
    pub fn of_handle(handle: &str, queue: &str) -> Result<Self, SqsError> {
        let parse = |handle: &str| {
            let (position, receive) = handle.strip_prefix(queue)?.strip_prefix('-')?.split_once('-')?;
            Some(Self {
                position: Position::from_str_radix(position, 16).ok()?,
                receive: u64::from_str_radix(receive, 16).ok()?,
            })
        };
        parse(handle).ok_or_else(|| {
            let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
            SqsError::new(ErrorCode::ReceiptHandleIsInvalid, message)
        })
    }
}

impl Queue {
    /// Deletes a received message. On a standard queue each of its handles does, on a FIFO queue only that of a
    /// receive which still hides it. A message that is gone can be deleted again.
    ///
    /// # Errors
    ///
    /// `ReceiptHandleIsInvalid` for another queue's handle, `InvalidParameterValue` for an expired one.
    pub fn delete(&self, handle: &str) -> Result<(), SqsError> {
        let receipt = Receipt::of_handle(handle, &self.id)?;
        self.change(|state, _| {
            let place = state.messages.place(receipt.position);
            let is_current = matches!(place, Some(Place::InFlight { receive, .. }) if receive == receipt.receive);
            if state.attributes.is_fifo && place.is_some() && !is_current {
                return Err(expired(handle));
            }
            state.messages.remove(receipt.position);
            Ok(())
        })
    }

    /// Hides a received message for another time in seconds, from now on; 0 shows it at once.
    ///
    /// # Errors
    ///
    /// `MessageNotInflight`, `ReceiptHandleIsInvalid` for another queue's handle, and `InvalidParameterValue` for an
    /// expired one, for a message that is gone, or for more than twelve hours since the receive.
    pub fn change_visibility(&self, handle: &str, timeout: i64) -> Result<(), SqsError> {
        let receipt = Receipt::of_handle(handle, &self.id)?;
        let invalid = |parameter, reason| SqsError::invalid_value(parameter, timeout, reason);
        if !(0..=43_200).contains(&timeout) {
            return Err(invalid("VisibilityTimeout", "Must be between 0 and 43200."));
        }
        self.change(|state, now| {
            let gone = "Message does not exist or is not available for visibility timeout change.";
            let place = state.messages.place(receipt.position);
            match place.ok_or_else(|| SqsError::invalid_value("ReceiptHandle", handle, gone))? {
                Place::InFlight { receive, .. } if state.attributes.is_fifo && receive != receipt.receive => {
                    Err(expired(handle))
                }
                Place::InFlight { since, .. } if now + timeout * 1000 > since + MAX_VISIBILITY => {
                    let reason = "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]";
                    Err(invalid("VisibilityTimeout", reason))
                }
                Place::InFlight { .. } => {
                    state.messages.hide_until(receipt.position, now + timeout * 1000);
                    state.messages.show_due(now);
                    Ok(())
                }
                Place::Visible | Place::Delayed { .. } => {
                    let message = "The specified message isn't in flight.";
                    Err(SqsError::new(ErrorCode::MessageNotInflight, message))
                }
            }
        })
    }
}

fn expired(handle: &str) -> SqsError {
    SqsError::invalid_value("ReceiptHandle", handle, "The receipt handle has expired.")
}
