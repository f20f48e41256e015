//! The messages of one queue and their states: visible, delayed or in flight, and until when. Nothing here reads a clock.
//! Every operation takes time logarithmic in the number of messages.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use super::delivery_order::{DeliveryOrder, MessageState};
use super::fifo_order::FifoOrder;
use super::limits::MAX_IN_FLIGHT;
use super::message::Message;
use super::receipt_handle::{Position, ReceiptHandle};
use super::standard_order::StandardOrder;

/// The result of one receive.
#[derive(Debug, Default)]
pub struct ReceiveOutcome {
    /// The messages for the consumer.
    pub received: Vec<(ReceiptHandle, Message)>,
    /// Messages that reached maxReceiveCount, for the dead-letter queue.
    pub dead_letters: Vec<Message>,
}

/// How many messages are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub visible: usize,
    pub in_flight: usize,
    pub delayed: usize,
}

#[derive(Debug)]
pub struct MessageStore {
    entries: BTreeMap<Position, (Message, MessageState)>,
    /// Delayed messages and messages in flight, by the time at which they become visible.
    hidden: BTreeSet<(i64, Position)>,
    /// All messages by the time at which they were enqueued, for the retention period.
    by_age: BTreeSet<(i64, Position)>,
    order: Box<dyn DeliveryOrder>,
    in_flight: usize,
    next_position: Position,
    next_receive: u64,
}

impl MessageStore {
    pub fn new(is_fifo: bool) -> Self {
        let order: Box<dyn DeliveryOrder> =
            if is_fifo { Box::<FifoOrder>::default() } else { Box::<StandardOrder>::default() };
        Self {
            entries: BTreeMap::new(),
            hidden: BTreeSet::new(),
            by_age: BTreeSet::new(),
            order,
            in_flight: 0,
            next_position: 1,
            next_receive: 1,
        }
    }

    /// Advances to `now`: removes messages older than `retention` milliseconds and makes due messages visible.
    pub fn advance(&mut self, now: i64, retention: i64) {
        while let Some(&(sent, position)) = self.by_age.first()
            && sent + retention <= now
        {
            self.remove(position);
        }
        self.reveal_due(now);
    }

    /// Makes messages visible whose delay or visibility timeout has ended.
    pub fn reveal_due(&mut self, now: i64) {
        while let Some(&(until, position)) = self.hidden.first()
            && until <= now
        {
            self.set_state(position, MessageState::Visible { since: until });
        }
    }

    /// Removes every message. Positions and receives keep counting, so that no old handle fits a later message.
    pub fn clear(&mut self, is_fifo: bool) {
        *self = Self { next_position: self.next_position, next_receive: self.next_receive, ..Self::new(is_fifo) };
    }

    pub fn next_position(&self) -> Position {
        self.next_position
    }

    /// Adds a message that becomes visible at `visible_at`.
    pub fn add(&mut self, message: Message, now: i64, visible_at: i64) {
        let position = self.next_position;
        self.next_position += 1;
        self.by_age.insert((message.sent_at, position));
        self.entries.insert(position, (message, MessageState::Absent));
        let state = if visible_at > now {
            MessageState::Delayed { until: visible_at }
        } else {
            MessageState::Visible { since: visible_at }
        };
        self.set_state(position, state);
    }

    /// Receives up to `max` messages and hides them until `until`; removes those that were received `max_receive_count`
    /// times already and returns them as dead letters.
    pub fn receive(&mut self, now: i64, max: usize, until: i64, max_receive_count: Option<u32>) -> ReceiveOutcome {
        let mut outcome = ReceiveOutcome::default();
        loop {
            let room = (max - outcome.received.len()).min(MAX_IN_FLIGHT.saturating_sub(self.in_flight));
            let next = if room == 0 { Vec::new() } else { self.order.next_receivable(room) };
            if next.is_empty() {
                return outcome;
            }
            for position in next {
                let receive_count = self.entries.get(&position).map_or(0, |(message, _)| message.receive_count);
                if max_receive_count.is_some_and(|max| receive_count >= max) {
                    outcome.dead_letters.extend(self.remove(position));
                } else {
                    outcome.received.extend(self.mark_received(position, now, until));
                }
            }
        }
    }

    /// Returns messages in flight once more and hides them until `until`.
    pub fn repeat_receive(&mut self, receipts: &[ReceiptHandle], until: i64) -> ReceiveOutcome {
        let mut outcome = ReceiveOutcome::default();
        for receipt in receipts {
            let message = self.hide(receipt.position, until, false);
            outcome.received.extend(message.map(|message| (*receipt, message.clone())));
        }
        outcome
    }

    pub fn state(&self, position: Position) -> MessageState {
        self.entries.get(&position).map_or(MessageState::Absent, |(_, state)| *state)
    }

    /// Hides a message in flight until another time, at the consumer's request.
    pub fn change_visibility(&mut self, position: Position, until: i64) {
        self.hide(position, until, true);
    }

    fn hide(&mut self, position: Position, until: i64, by_consumer: bool) -> Option<&mut Message> {
        let MessageState::InFlight { receive, since, is_changed, .. } = self.state(position) else {
            return None;
        };
        let is_changed = is_changed || by_consumer;
        self.set_state(position, MessageState::InFlight { until, receive, since, is_changed })
    }

    pub fn remove(&mut self, position: Position) -> Option<Message> {
        self.set_state(position, MessageState::Absent);
        let (message, _) = self.entries.remove(&position)?;
        self.by_age.remove(&(message.sent_at, position));
        Some(message)
    }

    /// Removes every visible message and returns them in order of enqueueing.
    pub fn remove_visible(&mut self) -> Vec<Message> {
        let visible = self.entries.iter().filter(|(_, (_, state))| state.visible_since().is_some());
        let visible: Vec<Position> = visible.map(|(position, _)| *position).collect();
        visible.into_iter().filter_map(|position| self.remove(position)).collect()
    }

    /// When the next hidden message becomes visible.
    pub fn next_visible_at(&self) -> Option<i64> {
        self.hidden.first().map(|(until, _)| *until)
    }

    /// Whether a receive would return a message.
    pub fn has_receivable(&self) -> bool {
        self.in_flight < MAX_IN_FLIGHT && !self.order.next_receivable(1).is_empty()
    }

    pub fn counts(&self) -> Counts {
        Counts {
            visible: self.entries.len() - self.hidden.len(),
            in_flight: self.in_flight,
            delayed: self.hidden.len() - self.in_flight,
        }
    }

    fn mark_received(&mut self, position: Position, now: i64, until: i64) -> Option<(ReceiptHandle, Message)> {
        let receive = self.next_receive;
        self.next_receive += 1;
        let in_flight = MessageState::InFlight { until, receive, since: now, is_changed: false };
        let message = self.set_state(position, in_flight)?;
        message.receive_count += 1;
        message.first_received_at.get_or_insert(now);
        Some((ReceiptHandle { position, receive }, message.clone()))
    }

    /// Changes a message's state and everything that depends on it. Returns the message.
    fn set_state(&mut self, position: Position, to: MessageState) -> Option<&mut Message> {
        let (message, state) = self.entries.get_mut(&position)?;
        let from = mem::replace(state, to);
        if let Some(until) = from.hidden_until() {
            self.hidden.remove(&(until, position));
        }
        self.hidden.extend(to.hidden_until().map(|until| (until, position)));
        self.in_flight += usize::from(to.is_in_flight());
        self.in_flight -= usize::from(from.is_in_flight());
        self.order.on_changed(position, message.group_id.as_ref(), from, to);
        Some(message)
    }
}
