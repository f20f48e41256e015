//! DeleteMessage and ChangeMessageVisibility: the operations that have a receipt handle.

use super::delivery_order::MessageState;
use super::error::SqsError;
use super::limits::MAX_VISIBILITY_TIMEOUT;
use super::queue::Queue;
use super::receipt_handle::ReceiptHandle;

impl Queue {
    /// Deletes a received message. A standard queue accepts every handle of the message, a FIFO queue only the handle of
    /// the receive that still hides it. Deleting a message that is already deleted succeeds.
    /// Fails with `ReceiptHandleIsInvalid` for another queue's handle, `InvalidParameterValue` for an expired one.
    pub fn delete(&self, handle: &str) -> Result<(), SqsError> {
        let receipt = ReceiptHandle::parse(handle, &self.id)?;
        self.change(|queue, _| {
            let state = queue.messages.state(receipt.position);
            let is_current = matches!(state, MessageState::InFlight { receive, .. } if receive == receipt.receive);
            if queue.attributes.is_fifo && state != MessageState::Absent && !is_current {
                return Err(expired(handle));
            }
            queue.messages.remove(receipt.position);
            Ok(())
        })
    }

    /// Changes the visibility timeout of a message in flight, in seconds from now; 0 makes it visible at once.
    /// Fails with `MessageNotInflight`, with `ReceiptHandleIsInvalid` for another queue's handle, and with
    /// `InvalidParameterValue` for an expired handle, a deleted message, or more than twelve hours since the receive.
    pub fn change_visibility(&self, handle: &str, timeout: i64) -> Result<(), SqsError> {
        let receipt = ReceiptHandle::parse(handle, &self.id)?;
        let invalid = |reason| SqsError::invalid_value("VisibilityTimeout", timeout, reason);
        if !(0..=MAX_VISIBILITY_TIMEOUT).contains(&timeout) {
            return Err(invalid("Must be between 0 and 43200."));
        }
        self.change(|queue, now| {
            let deleted = "Message does not exist or is not available for visibility timeout change.";
            let (receive, since) = match queue.messages.state(receipt.position) {
                MessageState::InFlight { receive, since, .. } => (receive, since),
                MessageState::Absent => return Err(SqsError::invalid_value("ReceiptHandle", handle, deleted)),
                MessageState::Visible { .. } | MessageState::Delayed { .. } => {
                    return Err(SqsError::MessageNotInflight);
                }
            };
            if queue.attributes.is_fifo && receive != receipt.receive {
                return Err(expired(handle));
            }
            let until = now + timeout * 1000;
            if until > since + MAX_VISIBILITY_TIMEOUT * 1000 {
                return Err(invalid("Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"));
            }
            queue.messages.change_visibility(receipt.position, until);
            queue.messages.reveal_due(now);
            Ok(())
        })
    }
}

fn expired(handle: &str) -> SqsError {
    SqsError::invalid_value("ReceiptHandle", handle, "The receipt handle has expired.")
}
