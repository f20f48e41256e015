//! In-process tests of queues, for what cannot be tested reliably over HTTP, such as that a poll waits before something
//! wakes it, or the behaviour with 120,000 messages.

mod concurrency;
mod fair_queue;
mod fifo_model;
mod limits;
mod long_polls;

use std::collections::HashMap;

use rustack_sqs_model::input::SendMessageInput;

use super::message::Message;
use super::queue::{Queue, State};
use super::queue_attributes::QueueAttributes;
use super::receive::{ReceiveRequest, ReceivedMessage};
use crate::clock::Clock;

fn queue(clock: &Clock, attributes: &[(&str, &str)]) -> Queue {
    let attributes = attributes.iter().map(|&(name, value)| (name.into(), value.into()));
    let attributes: HashMap<String, String> = attributes.collect();
    let is_fifo = attributes.contains_key("FifoQueue");
    let attributes = QueueAttributes::new(is_fifo, &attributes).expect("the queue accepts it");
    Queue::new("queue", "arn:aws:sqs:us-east-1:000000000000:queue".into(), attributes, clock.clone())
}

fn fifo_queue(clock: &Clock) -> Queue {
    queue(clock, &[("FifoQueue", "true"), ("ContentBasedDeduplication", "true")])
}

fn grouped(group: &str, body: &str) -> SendMessageInput {
    SendMessageInput { message_group_id: Some(group.into()), ..ungrouped(body) }
}

fn ungrouped(body: &str) -> SendMessageInput {
    SendMessageInput { message_body: body.into(), ..SendMessageInput::default() }
}

/// Adds messages in one change of the queue.
fn add_at_once(queue: &Queue, messages: impl IntoIterator<Item = Message>) {
    let add = |state: &mut State, now| {
        for message in messages {
            state.messages.add(Message { sent_at: now, ..message }, now, now);
        }
        Ok(())
    };
    queue.change(add).expect("the queue accepts it");
}

async fn receive(queue: &Queue, max: usize) -> Vec<ReceivedMessage> {
    let request = ReceiveRequest { max_messages: max, wait_time: Some(0), ..ReceiveRequest::default() };
    queue.receive(&request, |_| None).await.expect("it succeeds")
}

fn bodies(received: &[ReceivedMessage]) -> Vec<&str> {
    received.iter().map(|(_, Message { body, .. })| body.as_str()).collect()
}
