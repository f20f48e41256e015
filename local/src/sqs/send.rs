//! How messages enter a queue: by SendMessage, as another queue's dead letters, or by the redrive of a dead-letter queue.

use rustack_sqs_model::input::SendMessageInput;
use rustack_sqs_model::types::QueueAttributeName as Name;
use uuid::Uuid;

use super::error::SqsError;
use super::message::{Message, SendResult, md5_hex};
use super::queue::{Queue, State};
use super::send_request;

impl Queue {
    /// Sends a message unless it is a duplicate. Returns its id and sequence number, or those of the first message.
    pub fn send(&self, request: SendMessageInput) -> Result<SendResult, SqsError> {
        self.change(|state, now| {
            send_request::check(&request, &state.attributes)?;
            let delay = request.delay_seconds.map(i64::from).filter(|_| !state.attributes.is_fifo);
            let delay = delay.unwrap_or_else(|| state.attributes.number(Name::DelaySeconds));
            let message = new_message(request, state, now);
            let scope =
                message.group_id.clone().filter(|_| state.attributes.is(Name::DeduplicationScope, "messageGroup"));
            let key = message.deduplication_id.clone().map(|id| (scope, id));
            if let Some(result) = key.as_ref().and_then(|key| state.deduplication.get(now, key)) {
                return Ok(result.clone());
            }
            let result =
                SendResult { message_id: message.id.clone(), sequence_number: message.sequence_number.clone() };
            if let Some(key) = key {
                state.deduplication.insert(now, key, result.clone());
            }
            state.messages.add(message, now, now + delay * 1000);
            Ok(result)
        })
    }

    /// Adds the dead letters of another queue. In a FIFO queue their age starts anew, in a standard queue it continues.
    pub fn add_dead_letters(&self, messages: Vec<Message>, source_arn: &str) -> Result<(), SqsError> {
        self.change(|state, now| {
            for mut message in messages {
                message.sequence_number = state.next_sequence_number();
                message.dead_letter_source_arn = Some(source_arn.to_owned());
                if state.attributes.is_fifo {
                    message.sent_at = now;
                }
                state.messages.add(message, now, now);
            }
            Ok(())
        })
    }

    /// Adds a message that is redriven from a dead-letter queue: it counts as a new message.
    pub fn add_redriven(&self, message: Message) -> Result<(), SqsError> {
        self.change(|state, now| {
            let message = Message {
                id: Uuid::new_v4().to_string(),
                sequence_number: state.next_sequence_number(),
                sent_at: now,
                receive_count: 0,
                first_received_at: None,
                dead_letter_source_arn: None,
                ..message
            };
            state.messages.add(message, now, now);
            Ok(())
        })
    }
}

fn new_message(request: SendMessageInput, state: &State, now: i64) -> Message {
    let trace_header = request.message_system_attributes.get("AWSTraceHeader");
    Message {
        id: Uuid::new_v4().to_string(),
        body_md5: md5_hex(&request.message_body),
        deduplication_id: send_request::deduplication_id(&request, &state.attributes),
        trace_header: trace_header.and_then(|header| header.string_value.clone()),
        body: request.message_body,
        attributes: request.message_attributes,
        group_id: request.message_group_id.map(Into::into),
        sequence_number: state.next_sequence_number(),
        sent_at: now,
        ..Message::default()
    }
}
