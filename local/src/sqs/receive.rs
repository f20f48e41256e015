//! ReceiveMessage: short polls, and long polls that return as soon as a message is visible.

use std::sync::Arc;

use rustack_sqs_model::types::QueueAttributeName as Name;

use super::error::SqsError;
use super::limits::MAX_IN_FLIGHT;
use super::message::Message;
use super::queue::Queue;

/// The parameters of a receive.
#[derive(Clone, Debug, Default)]
pub struct ReceiveRequest {
    pub max_messages: usize,
    /// VisibilityTimeout in seconds; the queue's if not given.
    pub visibility_timeout: Option<i64>,
    /// WaitTimeSeconds; the queue's if not given.
    pub wait_time: Option<i64>,
    /// ReceiveRequestAttemptId; FIFO queues only.
    pub attempt_id: Option<String>,
}

/// A message with its receipt handle.
pub type ReceivedMessage = (String, Message);

impl Queue {
    /// Receives messages, and waits for them in a long poll. `queue_by_arn` finds the dead-letter queue.
    /// Fails with `OverLimit` when a standard queue has too many messages in flight and the receive is a short poll, and
    /// `QueueDoesNotExist` when the queue is deleted.
    pub async fn receive(
        &self,
        request: &ReceiveRequest,
        queue_by_arn: impl Fn(&str) -> Option<Arc<Self>>,
    ) -> Result<Vec<ReceivedMessage>, SqsError> {
        let default = || self.attributes(|queue| queue.number(Name::ReceiveMessageWaitTimeSeconds));
        let wait_time = request.wait_time.unwrap_or_else(default);
        let end = self.clock.now() + wait_time * 1000;
        loop {
            // Subscribes before receiving, so that no change between the two is missed.
            let changed = self.changed.notified();
            let policy = self.attributes(|attributes| attributes.redrive_policy.clone());
            let dead_letter_queue = policy
                .and_then(|policy| Some((queue_by_arn(&policy.dead_letter_target_arn)?, policy.max_receive_count)));
            let received = self.receive_now(request, wait_time > 0, dead_letter_queue)?;
            if !received.is_empty() || end <= self.clock.now() {
                return Ok(received);
            }
            let due = self.next_visible_at().map_or(end, |due| due.min(end));
            tokio::select! {
                () = changed => {}
                () = self.clock.sleep_until(due) => {}
            }
        }
    }

    /// Receives what is visible now. Messages that reached maxReceiveCount move to the dead-letter queue instead.
    fn receive_now(
        &self,
        request: &ReceiveRequest,
        is_long_poll: bool,
        dead_letter_queue: Option<(Arc<Self>, u32)>,
    ) -> Result<Vec<ReceivedMessage>, SqsError> {
        let max_receive_count = dead_letter_queue.as_ref().map(|(_, max)| *max);
        let outcome = self.change(|state, now| {
            let is_full = state.messages.counts().in_flight >= MAX_IN_FLIGHT;
            if is_full && !state.attributes.is_fifo && !is_long_poll {
                return Err(SqsError::OverLimit);
            }
            let timeout = request.visibility_timeout;
            let timeout = timeout.unwrap_or_else(|| state.attributes.number(Name::VisibilityTimeout));
            let until = now + timeout * 1000;
            let attempt_id = request.attempt_id.as_deref();
            if let Some(receipts) = attempt_id.and_then(|id| state.repeatable_receive(now, id)) {
                return Ok(state.messages.repeat_receive(&receipts, until));
            }
            let outcome = state.messages.receive(now, request.max_messages, until, max_receive_count);
            if let Some(id) = attempt_id.filter(|_| !outcome.received.is_empty()) {
                let receipts = outcome.received.iter().map(|(receipt, _)| *receipt);
                state.receive_attempts.insert(now, id.to_owned(), receipts.collect());
            }
            Ok(outcome)
        })?;
        // After the lock is released: two queues may be each other's dead-letter queue, and no call holds two locks.
        if let Some((queue, _)) = dead_letter_queue.filter(|_| !outcome.dead_letters.is_empty()) {
            // Fails only if that queue was deleted in the meantime, and the messages would be deleted with it.
            drop(queue.add_dead_letters(outcome.dead_letters, &self.arn));
        }
        let received = outcome.received.into_iter();
        Ok(received.map(|(receipt, message)| (receipt.to_text(&self.id), message)).collect())
    }
}
