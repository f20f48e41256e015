//! Tests of the queue core in-process: what the wire can't show for certain, such as that a poll waits before
//! something wakes it, or what 120,000 messages do.

mod concurrency;
mod fair_queue;
mod fifo_model;
mod limits;
mod long_polls;

use std::collections::HashMap;

use super::attributes::Attributes;
use super::message::Message;
use super::outgoing::Outgoing;
use super::queue::Queue;
use super::receiving::{Receive, Received};
use crate::clock::Clock;

fn queue(clock: &Clock, attributes: &[(&str, &str)]) -> Queue {
    let attributes: HashMap<String, String> =
        attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let is_fifo = attributes.contains_key("FifoQueue");
    let attributes = Attributes::new(is_fifo, &attributes).expect("the queue does it");
    Queue::new("queue", "arn:aws:sqs:us-east-1:000000000000:queue".into(), attributes, clock.clone())
}

fn fifo_queue(clock: &Clock) -> Queue {
    queue(clock, &[("FifoQueue", "true"), ("ContentBasedDeduplication", "true")])
}

fn of_group(group: &str, body: &str) -> Outgoing {
    Outgoing { body: body.into(), group: Some(group.into()), ..Outgoing::default() }
}

fn ungrouped(body: &str) -> Outgoing {
    Outgoing { body: body.into(), ..Outgoing::default() }
}

async fn receive(queue: &Queue, max: usize) -> Vec<Received> {
    let request = Receive { max, wait: Some(0), ..Receive::default() };
    queue.receive(&request, |_| None).await.expect("it succeeds")
}

fn bodies(received: &[Received]) -> Vec<&str> {
    received.iter().map(|(_, Message { body, .. })| body.as_str()).collect()
}
