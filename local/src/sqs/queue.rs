//! One queue: its messages and attributes behind one lock, and the wake-up of the long polls that wait for a change.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use uuid::Uuid;

use super::attempts::Attempts;
use super::attributes::Attributes;
use super::deduplication::Deduplication;
use super::error::{ErrorCode, SqsError};
use super::message::Message;
use super::messages::{Counts, Messages};
use crate::clock::Clock;

/// How long a purge keeps another off, in milliseconds.
const PURGE_INTERVAL: i64 = 60 * 1000;

/// A queue.
#[derive(Debug)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// What its receipt handles begin with: another queue of the same name has another.
    pub(super) id: String,
    pub(super) clock: Clock,
    /// Tells long polls to look again.
    pub(super) changed: Notify,
    state: Mutex<State>,
}

/// What changes in a queue.
#[derive(Debug)]
pub(super) struct State {
    pub attributes: Attributes,
    pub messages: Messages,
    pub deduplication: Deduplication,
    pub attempts: Attempts,
    created: i64,
    modified: i64,
    purged: Option<i64>,
    is_deleted: bool,
}

impl State {
    /// The number of the next message as AWS writes it, in twenty digits; FIFO queues only.
    pub fn next_sequence_number(&self) -> Option<String> {
        let position = self.messages.next_position();
        self.attributes.is_fifo.then(|| format!("{position:020}"))
    }
}

impl Queue {
    /// An empty queue.
    pub fn new(name: &str, arn: String, attributes: Attributes, clock: Clock) -> Self {
        let now = clock.now();
        let state = State {
            messages: Messages::new(attributes.is_fifo),
            attributes,
            deduplication: Deduplication::default(),
            attempts: Attempts::default(),
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

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the queue as of now and wakes whom it concerns: one long poll if there is a message for it (which
    /// wakes the next), or all if they would sleep past a message's time.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State, i64) -> Result<T, SqsError>) -> Result<T, SqsError> {
        let mut state = self.lock();
        let now = self.clock.now();
        if state.is_deleted {
            return Err(SqsError::no_queue());
        }
        let retention = state.attributes.retention() * 1000;
        state.messages.settle(now, retention);
        let due_before = state.messages.next_due();
        let outcome = change(&mut state, now);
        let due = state.messages.next_due();
        if due.is_some_and(|due| due_before.is_none_or(|before| due < before)) {
            self.changed.notify_waiters();
        } else if state.messages.can_give() {
            self.changed.notify_one();
        }
        outcome
    }

    /// When the next hidden message becomes visible, in milliseconds since the epoch.
    pub(super) fn next_due(&self) -> Option<i64> {
        self.lock().messages.next_due()
    }

    /// Reads the attributes.
    pub fn attributes<T>(&self, read: impl FnOnce(&Attributes) -> T) -> T {
        read(&self.lock().attributes)
    }

    /// Sets attributes, all or none.
    ///
    /// # Errors
    ///
    /// As [`Attributes::set`].
    pub fn set_attributes(&self, given: &HashMap<String, String>) -> Result<(), SqsError> {
        self.change(|state, now| {
            state.attributes.set(given)?;
            state.modified = now;
            Ok(())
        })
    }

    /// Every attribute as GetQueueAttributes shows it.
    ///
    /// # Errors
    ///
    /// `QueueDoesNotExist` if it was deleted.
    pub fn shown_attributes(&self) -> Result<HashMap<String, String>, SqsError> {
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
            let set = state.attributes.values().map(|(name, value)| (name, value.to_owned()));
            let shown = set.chain(computed);
            Ok(shown.map(|(name, value)| (name.to_owned(), value)).collect())
        })
    }

    /// Deletes every message, whether visible, delayed or in flight, and forgets the deduplication ids.
    ///
    /// # Errors
    ///
    /// `PurgeQueueInProgress` within a minute of another purge.
    pub fn purge(&self) -> Result<(), SqsError> {
        self.change(|state, now| {
            if state.purged.is_some_and(|purged| now < purged + PURGE_INTERVAL) {
                let name = &self.name;
                let message = format!("Only one PurgeQueue operation on {name} is allowed every 60 seconds.");
                return Err(SqsError::new(ErrorCode::PurgeQueueInProgress, message));
            }
            state.purged = Some(now);
            state.messages.clear(state.attributes.is_fifo);
            state.deduplication = Deduplication::default();
            state.attempts = Attempts::default();
            Ok(())
        })
    }

    /// Takes out every visible message, in their order.
    ///
    /// # Errors
    ///
    /// `QueueDoesNotExist` if it was deleted.
    pub fn remove_visible(&self) -> Result<Vec<Message>, SqsError> {
        self.change(|state, _| Ok(state.messages.remove_visible()))
    }

    /// Refuses everything from now on, long polls that wait included.
    pub fn delete_queue(&self) {
        self.lock().is_deleted = true;
        self.changed.notify_waiters();
    }
}
