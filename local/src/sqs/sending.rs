//! Messages on their way into a queue: sent, given up by another queue, or brought back from a dead-letter queue.

use uuid::Uuid;

use super::deduplication::First;
use super::error::SqsError;
use super::message::{Message, md5_of};
use super::outgoing::Outgoing;
use super::queue::{Queue, State};

impl Queue {
    /// Sends a message, unless it is a duplicate, and tells its id and sequence number or those of the first.
    ///
    /// # Errors
    ///
    /// The error that SQS answers with if the message can't be.
    pub fn send(&self, outgoing: Outgoing) -> Result<First, SqsError> {
        self.change(|state, now| {
            outgoing.check(&state.attributes)?;
            let delay = outgoing.delay_seconds.map(i64::from).filter(|_| !state.attributes.is_fifo);
            let delay = delay.unwrap_or_else(|| state.attributes.delay());
            let message = message_of(outgoing, state, now);
            let scope = message.group.clone().filter(|_| state.attributes.deduplicates_by_group());
            let key = message.deduplication_id.clone().map(|id| (scope, id));
            if let Some(first) = key.as_ref().and_then(|key| state.deduplication.find(now, key)) {
                return Ok(first.clone());
            }
            let first = First { message_id: message.id.clone(), sequence_number: message.sequence_number.clone() };
            if let Some(key) = key {
                state.deduplication.remember(now, key, first.clone());
            }
            state.messages.add(message, now, now + delay * 1000);
            Ok(first)
        })
    }

    /// Takes in what another queue gave up. A FIFO queue counts its age anew, a standard one from the first send.
    ///
    /// # Errors
    ///
    /// `QueueDoesNotExist` if it was deleted.
    pub fn take_dead(&self, messages: Vec<Message>, source: &str) -> Result<(), SqsError> {
        self.change(|state, now| {
            for mut message in messages {
                message.sequence_number = state.next_sequence_number();
                message.dead_letter_source = Some(source.to_owned());
                if state.attributes.is_fifo {
                    message.sent = now;
                }
                state.messages.add(message, now, now);
            }
            Ok(())
        })
    }

    /// Takes a message in again that was taken out and has nowhere else to go.
    ///
    /// # Errors
    ///
    /// `QueueDoesNotExist` if it was deleted.
    pub fn keep(&self, message: Message) -> Result<(), SqsError> {
        self.change(|state, now| {
            state.messages.add(message, now, now);
            Ok(())
        })
    }

    /// Takes in a message that comes back from a dead-letter queue: it counts as a new one.
    ///
    /// # Errors
    ///
    /// `QueueDoesNotExist` if it was deleted.
    pub fn take_back(&self, message: Message) -> Result<(), SqsError> {
        self.change(|state, now| {
            let message = Message {
                id: Uuid::new_v4().to_string(),
                sequence_number: state.next_sequence_number(),
                sent: now,
                receives: 0,
                first_received: None,
                dead_letter_source: None,
                ..message
            };
            state.messages.add(message, now, now);
            Ok(())
        })
    }
}

fn message_of(outgoing: Outgoing, state: &State, now: i64) -> Message {
    let trace_header = outgoing.system_attributes.get("AWSTraceHeader");
    Message {
        id: Uuid::new_v4().to_string(),
        body_md5: md5_of(&outgoing.body),
        deduplication_id: outgoing.deduplication_id(&state.attributes),
        trace_header: trace_header.and_then(|header| header.string_value.clone()),
        body: outgoing.body,
        attributes: outgoing.attributes,
        group: outgoing.group.map(Into::into),
        sequence_number: state.next_sequence_number(),
        sent: now,
        receives: 0,
        first_received: None,
        dead_letter_source: None,
    }
}
