//! Messages on their way out of a queue: short receives, and long polls that wake as soon as there is a message.

use std::sync::Arc;

use super::error::{ErrorCode, SqsError};
use super::message::Message;
use super::messages::MAX_IN_FLIGHT;
use super::queue::Queue;

/// What a receive asks for.
#[derive(Clone, Debug, Default)]
pub struct Receive {
    /// How many messages at most.
    pub max: usize,
    /// How long they are hidden, in seconds; the queue's time-out if not given.
    pub visibility_timeout: Option<i64>,
    /// How long to wait for a message, in seconds; the queue's time if not given.
    pub wait: Option<i64>,
    /// What it can be repeated with; FIFO queues only.
    pub attempt_id: Option<String>,
}

/// A message with its receipt handle.
pub type Received = (String, Message);

impl Queue {
    /// Receives messages, and waits for them if asked to. `queue_of` finds the dead-letter queue by its ARN.
    ///
    /// # Errors
    ///
    /// `OverLimit` when a standard queue has too many messages in flight and the receive doesn't wait, and
    /// `QueueDoesNotExist` once it is deleted.
    pub async fn receive(
        &self,
        request: &Receive,
        queue_of: impl Fn(&str) -> Option<Arc<Self>>,
    ) -> Result<Vec<Received>, SqsError> {
        let wait = request.wait.unwrap_or_else(|| self.attributes(|attributes| attributes.receive_wait()));
        let end = self.clock.now() + wait * 1000;
        loop {
            // Before the look, so that nothing that happens after it is missed.
            let changed = self.changed.notified();
            let policy = self.attributes(|attributes| attributes.redrive_policy.clone());
            let dead_letters = policy.and_then(|policy| Some((queue_of(&policy.target)?, policy.max_receives)));
            let received = self.receive_now(request, wait > 0, dead_letters)?;
            if !received.is_empty() || end <= self.clock.now() {
                return Ok(received);
            }
            let due = self.next_due().map_or(end, |due| due.min(end));
            tokio::select! {
                () = changed => {}
                () = self.clock.sleep_until(due) => {}
            }
        }
    }

    /// Receives what there is. Messages that were received too often go to the dead-letter queue instead.
    fn receive_now(
        &self,
        request: &Receive,
        is_long: bool,
        dead_letters: Option<(Arc<Self>, u32)>,
    ) -> Result<Vec<Received>, SqsError> {
        let max_receives = dead_letters.as_ref().map(|(_, max)| *max);
        let taken = self.change(|state, now| {
            let is_full = state.messages.counts().in_flight >= MAX_IN_FLIGHT;
            if is_full && !state.attributes.is_fifo && !is_long {
                let message = "Too many messages are in flight; delete some of them first.";
                return Err(SqsError::new(ErrorCode::OverLimit, message));
            }
            let timeout = request.visibility_timeout;
            let until = now + timeout.unwrap_or_else(|| state.attributes.visibility_timeout()) * 1000;
            let attempt_id = request.attempt_id.as_deref();
            if let Some(receipts) = attempt_id.and_then(|id| state.attempts.find(now, id, &state.messages)) {
                return Ok(state.messages.receive_again(&receipts, until));
            }
            let taken = state.messages.receive(now, request.max, until, max_receives);
            if let Some(id) = attempt_id.filter(|_| !taken.received.is_empty()) {
                let receipts = taken.received.iter().map(|(receipt, _)| *receipt);
                state.attempts.remember(now, id, receipts.collect());
            }
            Ok(taken)
        })?;
        // Only now: two queues may be each other's dead-letter queue, and each lock is held alone.
        if let Some((dead_letters, _)) = dead_letters.filter(|_| !taken.dead.is_empty()) {
            // It fails only if that queue was deleted in this moment, its messages with it.
            drop(dead_letters.take_dead(taken.dead, &self.arn));
        }
        let received = taken.received.into_iter();
        Ok(received.map(|(receipt, message)| (receipt.to_handle(&self.id), message)).collect())
    }
}
