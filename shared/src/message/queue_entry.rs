//! Messages that are enqueued many at a time.

use std::collections::HashSet;
use std::fmt::Display;

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;

use crate::aws::MAX_QUEUE_BATCH;
use crate::aws::sqs::message_body;
use crate::clock::Timestamp;
use crate::ids::partition;
use crate::message::queued_message::QueuedMessage;
use crate::message::record::Message;
use crate::message::waiting::WaitingMessage;

/// Sequences of calls that are made at the same time.
const SEQUENCES: u32 = 8;

/// A message to enqueue.
#[derive(Debug)]
pub struct QueueEntry {
    body: QueuedMessage,
    group: String,
    deduplication: String,
}

impl QueueEntry {
    /// A message to leave in a slot; once for each `round`.
    pub fn new(message: &Message, slot: Timestamp, round: &str) -> Self {
        Self {
            body: QueuedMessage { slot, ..QueuedMessage::from(message) },
            group: message.message_group(),
            deduplication: deduplication_id(&message.nonce, round),
        }
    }

    /// Its message group.
    pub fn group(&self) -> &str {
        &self.group
    }
}

impl From<&WaitingMessage> for QueueEntry {
    /// The round is the message's place in the table.
    fn from(message: &WaitingMessage) -> Self {
        let deduplication = deduplication_id(&message.nonce, &message.due);
        Self { body: QueuedMessage::from(message), group: message.message_group(), deduplication }
    }
}

/// SQS remembers this id for five minutes, even after the message was deleted, and would drop a message that is enqueued again under
/// its own id. `round` counts the enqueues of one record.
pub fn deduplication_id(nonce: &str, round: impl Display) -> String {
    format!("{nonce}-{round}")
}

/// Divides messages into sequences of batches, so that those of a message group keep their order: they are in one sequence, and
/// no two of them in one batch, of which a queue may take a part.
pub fn sequences(entries: Vec<QueueEntry>) -> Vec<Vec<Vec<QueueEntry>>> {
    let mut sequences: Vec<Vec<QueueEntry>> = (0..SEQUENCES).map(|_| Vec::new()).collect();
    for entry in entries {
        sequences[partition(&entry.group, SEQUENCES) as usize].push(entry);
    }
    sequences.into_iter().map(batches).collect()
}

/// Divides messages into batches, no two of a message group in one.
pub fn batches(entries: Vec<QueueEntry>) -> Vec<Vec<QueueEntry>> {
    let (mut batches, mut batch, mut groups) = (Vec::new(), Vec::new(), HashSet::new());
    for entry in entries {
        if batch.len() == MAX_QUEUE_BATCH || groups.contains(&entry.group) {
            batches.push(std::mem::take(&mut batch));
            groups.clear();
        }
        groups.insert(entry.group.clone());
        batch.push(entry);
    }
    batches.push(batch);
    batches.retain(|batch| !batch.is_empty());
    batches
}

/// The entries of a call.
pub fn request_entries(entries: &[QueueEntry]) -> Vec<SendMessageBatchRequestEntry> {
    let entries = entries.iter().enumerate().map(|(position, entry)| {
        SendMessageBatchRequestEntry::builder()
            .id(position.to_string())
            .message_body(message_body(&entry.body))
            .message_group_id(&entry.group)
            .message_deduplication_id(&entry.deduplication)
            .build()
            .expect("id and body are set")
    });
    entries.collect()
}
