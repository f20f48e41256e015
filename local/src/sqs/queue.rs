//! A queue: its messages and attributes behind one lock, and the notification of waiting long polls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rustack_sqs_model::types::QueueAttributeName as Name;
use tokio::sync::Notify;
use uuid::Uuid;

use super::delivery_order::MessageState;
use super::error::SqsError;
use super::expiring_map::ExpiringMap;
use super::message::SendResult;
use super::message_store::{Counts, MessageStore};
use super::queue_attributes::QueueAttributes;
use super::receipt_handle::ReceiptHandle;
use crate::clock::Clock;
use shared::mutex::lock;

/// The time between two purges, in milliseconds.
const PURGE_INTERVAL: i64 = 60 * 1000;

#[derive(Debug)]
pub struct Queue {
    pub name: String,
    pub arn: String,
    /// The unique id with which its receipt handles begin: a later queue of the same name has another.
    pub(super) id: String,
    pub(super) clock: Clock,
    /// Wakes waiting long polls.
    pub(super) changed: Notify,
    state: Mutex<State>,
}

/// The mutable state of a queue.
#[derive(Debug)]
pub(super) struct State {
    pub attributes: QueueAttributes,
    pub messages: MessageStore,
    /// Deduplication of a FIFO queue: the results of messages by their deduplication id, and by their message group where
    /// that is the scope. A duplicate gets the same result, whether the first message was delivered, deleted or neither.
    pub deduplication: ExpiringMap<(Option<Arc<str>>, String), SendResult>,
    /// The receipt handles that each receive returned, by its ReceiveRequestAttemptId.
    pub receive_attempts: ExpiringMap<String, Vec<ReceiptHandle>>,
    created: i64,
    modified: i64,
    purged: Option<i64>,
    is_deleted: bool,
}

impl State {
    /// The SequenceNumber of the next message, in twenty digits as on AWS; FIFO queues only.
    pub fn next_sequence_number(&self) -> Option<String> {
        let position = self.messages.next_position();
        self.attributes.is_fifo.then(|| format!("{position:020}"))
    }

    /// The handles that the receive with this attempt id returned, if each of its messages is still in flight and its
    /// visibility timeout unchanged.
    pub fn repeatable_receive(&mut self, now: i64, attempt_id: &str) -> Option<Vec<ReceiptHandle>> {
        let is_unchanged = |receipt: &ReceiptHandle| {
            let state = self.messages.state(receipt.position);
            matches!(state, MessageState::InFlight { receive, is_changed: false, .. } if receive == receipt.receive)
        };
        let receipts = self.receive_attempts.get(now, attempt_id)?;
        receipts.iter().all(is_unchanged).then(|| receipts.clone())
    }
}

impl Queue {
    pub fn new(name: &str, arn: String, attributes: QueueAttributes, clock: Clock) -> Self {
        let now = clock.now();
        let state = State {
            messages: MessageStore::new(attributes.is_fifo),
            attributes,
            deduplication: ExpiringMap::default(),
            receive_attempts: ExpiringMap::default(),
            created: now,
            modified: now,
            purged: None,
            is_deleted: false,
        };
        Self {
            name: name.to_owned(),
            arn,
            id: Uuid::new_v4().simple().to_string(),
            clock,
            changed: Notify::new(),
            state: Mutex::new(state),
        }
    }

    /// Advances the queue to now, changes it, and wakes long polls: one if a message is receivable (its receive wakes the
    /// next one), or all if a message becomes visible earlier than they expect.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State, i64) -> Result<T, SqsError>) -> Result<T, SqsError> {
        let mut state = lock(&self.state);
        let now = self.clock.now();
        if state.is_deleted {
            return Err(SqsError::QueueDoesNotExist);
        }
        let retention = state.attributes.number(Name::MessageRetentionPeriod) * 1000;
        state.messages.advance(now, retention);
        let before = state.messages.next_visible_at();
        let result = change(&mut state, now);
        let after = state.messages.next_visible_at();
        if after.is_some_and(|after| before.is_none_or(|before| after < before)) {
            self.changed.notify_waiters();
        } else if state.messages.has_receivable() {
            self.changed.notify_one();
        }
        result
    }

    /// When the next hidden message becomes visible, in milliseconds since the epoch.
    pub(super) fn next_visible_at(&self) -> Option<i64> {
        lock(&self.state).messages.next_visible_at()
    }

    pub fn attributes<T>(&self, read: impl FnOnce(&QueueAttributes) -> T) -> T {
        read(&lock(&self.state).attributes)
    }

    /// Sets attributes, all or none.
    pub fn set_attributes(&self, given: &HashMap<String, String>) -> Result<(), SqsError> {
        self.change(|state, now| {
            state.attributes.set(given)?;
            state.modified = now;
            Ok(())
        })
    }

    /// Every attribute as GetQueueAttributes returns it.
    pub fn all_attributes(&self) -> Result<HashMap<String, String>, SqsError> {
        self.change(|state, _| {
            let Counts { visible, in_flight, delayed } = state.messages.counts();
            let computed = [
                ("ApproximateNumberOfMessages", visible.to_string()),
                ("ApproximateNumberOfMessagesDelayed", delayed.to_string()),
                ("ApproximateNumberOfMessagesNotVisible", in_flight.to_string()),
                ("CreatedTimestamp", (state.created / 1000).to_string()),
                ("LastModifiedTimestamp", (state.modified / 1000).to_string()),
                ("QueueArn", self.arn.clone()),
            ];
            let set = state.attributes.values.iter().map(|(name, value)| (*name, value.clone()));
            Ok(set.chain(computed).map(|(name, value)| (name.to_owned(), value)).collect())
        })
    }

    /// Deletes every message, whether visible, delayed or in flight, and the deduplication ids.
    /// Fails with `PurgeQueueInProgress` within a minute of another purge.
    pub fn purge(&self) -> Result<(), SqsError> {
        self.change(|state, now| {
            if state.purged.is_some_and(|purged| now < purged + PURGE_INTERVAL) {
                return Err(SqsError::PurgeQueueInProgress(self.name.clone()));
            }
            state.purged = Some(now);
            state.messages.clear(state.attributes.is_fifo);
            state.deduplication = ExpiringMap::default();
            state.receive_attempts = ExpiringMap::default();
            Ok(())
        })
    }

    /// Refuses every operation from now on, and ends waiting long polls.
    pub fn mark_deleted(&self) {
        lock(&self.state).is_deleted = true;
        self.changed.notify_waiters();
    }
}
