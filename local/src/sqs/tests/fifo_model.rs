//! Random histories of a FIFO queue, compared with a simple model of it: lists that are searched from front to back.

use proptest::prelude::*;

use super::*;
use crate::sqs::message_store::{Counts, MessageStore};
use crate::sqs::receipt_handle::ReceiptHandle;

const RETENTION: i64 = i64::MAX / 2;

/// An operation on the queue. `nth` selects one of the receipt handles so far.
#[derive(Clone, Debug)]
enum Step {
    Send { group: usize, delay: i64 },
    Receive { max: usize, timeout: i64 },
    Delete { nth: usize },
    Change { nth: usize, timeout: i64 },
    Pass { time: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let delay = prop_oneof![4 => Just(0), 1 => 0..5i64];
    prop_oneof![
        4 => (0..4usize, delay).prop_map(|(group, delay)| Step::Send { group, delay }),
        4 => (1..=10usize, 0..6i64).prop_map(|(max, timeout)| Step::Receive { max, timeout }),
        3 => any::<usize>().prop_map(|nth| Step::Delete { nth }),
        2 => (any::<usize>(), 0..6i64).prop_map(|(nth, timeout)| Step::Change { nth, timeout }),
        2 => (1..4i64).prop_map(|time| Step::Pass { time }),
    ]
}

/// A message of the model.
#[derive(Clone, Debug)]
struct Expected {
    body: String,
    group: usize,
    visible_from: i64,
    /// The receipt handle, if the message was received.
    receipt: Option<ReceiptHandle>,
}

#[derive(Debug)]
struct Model {
    now: i64,
    sent: usize,
    /// The messages that are not deleted, in the order of the sends.
    left: Vec<Expected>,
    receipts: Vec<ReceiptHandle>,
    queue: MessageStore,
}

impl Model {
    fn new() -> Self {
        Self { now: 0, sent: 0, left: Vec::new(), receipts: Vec::new(), queue: MessageStore::new(true) }
    }

    fn take(&mut self, step: &Step) {
        self.queue.advance(self.now, RETENTION);
        match *step {
            Step::Send { group, delay } => self.send(group, delay),
            Step::Receive { max, timeout } => self.receive(max, timeout),
            Step::Delete { nth } => self.delete(nth),
            Step::Change { nth, timeout } => self.change(nth, timeout),
            Step::Pass { time } => self.now += time,
        }
        self.queue.advance(self.now, RETENTION);
        assert_eq!(self.queue.counts(), self.counts());
    }

    fn send(&mut self, group: usize, delay: i64) {
        let body = self.sent.to_string();
        self.sent += 1;
        let visible_from = self.now + delay;
        let message = Message {
            body: body.clone(),
            group_id: Some(group.to_string().into()),
            sent_at: self.now,
            ..Message::default()
        };
        self.queue.add(message, self.now, visible_from);
        self.left.push(Expected { body, group, visible_from, receipt: None });
    }

    /// The messages that a receive must return: those of groups without a message in flight, by how long the group's first
    /// message has been visible, up to the first delayed message of each group.
    fn deliverable(&self) -> Vec<String> {
        let of_group = |group: usize| self.left.iter().filter(move |message| message.group == group);
        let hidden = |message: &Expected| message.visible_from > self.now;
        let blocked = |group: usize| of_group(group).any(|message| message.receipt.is_some() && hidden(message));
        let visible = |group: usize| of_group(group).take_while(move |message| !blocked(group) && !hidden(message));
        let mut groups: Vec<usize> = (0..4).filter(|group| visible(*group).next().is_some()).collect();
        groups.sort_by_key(|group| {
            let head = visible(*group).next().expect("the groups without were left out");
            (head.visible_from, head.body.parse::<usize>().expect("a body is a number"))
        });
        groups.into_iter().flat_map(visible).map(|message| message.body.clone()).collect()
    }

    fn receive(&mut self, max: usize, timeout: i64) {
        let mut expected = self.deliverable();
        expected.truncate(max);
        let outcome = self.queue.receive(self.now, max, self.now + timeout, None);
        let received: Vec<&String> = outcome.received.iter().map(|(_, message)| &message.body).collect();
        assert_eq!(received, expected.iter().collect::<Vec<_>>());
        for (receipt, message) in &outcome.received {
            let left = self.left.iter_mut().find(|left| left.body == message.body);
            let left = left.expect("what was deleted is not received");
            left.receipt = Some(*receipt);
            left.visible_from = self.now + timeout;
            self.receipts.push(*receipt);
        }
    }

    /// The receipt handle that `nth` selects and the index of its message, if that is in flight.
    fn picked(&self, nth: usize) -> Option<(ReceiptHandle, usize)> {
        let receipt = *self.receipts.get(nth.checked_rem(self.receipts.len())?)?;
        let is_it = |left: &Expected| left.receipt == Some(receipt) && left.visible_from > self.now;
        Some((receipt, self.left.iter().position(is_it)?))
    }

    fn delete(&mut self, nth: usize) {
        if let Some((receipt, index)) = self.picked(nth) {
            let left = self.left.remove(index);
            let removed = self.queue.remove(receipt.position).map(|message| message.body);
            assert_eq!(removed, Some(left.body));
        }
    }

    fn change(&mut self, nth: usize, timeout: i64) {
        if let Some((receipt, index)) = self.picked(nth) {
            self.left[index].visible_from = self.now + timeout;
            self.queue.change_visibility(receipt.position, self.now + timeout);
        }
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for left in &self.left {
            match left {
                left if left.visible_from <= self.now => counts.visible += 1,
                Expected { receipt: Some(_), .. } => counts.in_flight += 1,
                _ => counts.delayed += 1,
            }
        }
        counts
    }

    /// Receives and deletes every message that is left: nothing is lost.
    fn drain(&mut self) {
        self.now += 10;
        while !self.left.is_empty() {
            self.queue.advance(self.now, RETENTION);
            let before = self.left.len();
            self.receive(10, 1);
            for nth in (0..self.receipts.len()).rev().take(10) {
                self.delete(nth);
            }
            assert!(self.left.len() < before, "a receive gives what is left");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_fifo_queue_does_what_its_model_does(steps in prop::collection::vec(step(), 1..120)) {
        let mut model = Model::new();
        for step in &steps {
            model.take(step);
        }
        model.drain();
    }
}
