//! The messages of one queue: which are visible, delayed or in flight, and until when. Nothing here reads a clock;
//! every cost is logarithmic in the number of messages.

use std::collections::{BTreeMap, BTreeSet};

use super::fifo::Groups;
use super::message::Message;
use super::order::{Order, Place};
use super::receipt::{Position, Receipt};
use super::standard::Tenants;

/// How many messages of a queue can be in flight.
pub const MAX_IN_FLIGHT: usize = 120_000;

/// What one receive took out.
#[derive(Debug, Default)]
pub struct Taken {
    /// For the consumer.
    pub received: Vec<(Receipt, Message)>,
    /// Received too often before, for the dead-letter queue.
    pub dead: Vec<Message>,
}

/// How many messages there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// A receive may give them.
    pub visible: usize,
    /// Received, and neither deleted nor visible again.
    pub in_flight: usize,
    /// Sent with a delay that is not over.
    pub delayed: usize,
}

#[derive(Debug)]
struct Kept {
    message: Message,
    place: Place,
}

/// The messages of one queue.
#[derive(Debug)]
pub struct Messages {
    kept: BTreeMap<Position, Kept>,
    /// When each hidden message becomes visible.
    hidden: BTreeSet<(i64, Position)>,
    /// When each message was enqueued, for retention.
    ages: BTreeSet<(i64, Position)>,
    order: Box<dyn Order>,
    in_flight: usize,
    next_position: Position,
    next_receive: u64,
}

impl Messages {
    /// No messages yet.
    pub fn new(is_fifo: bool) -> Self {
        let order: Box<dyn Order> = if is_fifo { Box::<Groups>::default() } else { Box::<Tenants>::default() };
        Self {
            kept: BTreeMap::new(),
            hidden: BTreeSet::new(),
            ages: BTreeSet::new(),
            order,
            in_flight: 0,
            next_position: 1,
            next_receive: 1,
        }
    }

    /// Drops what is older than `retention` milliseconds and shows what is hidden no longer.
    pub fn settle(&mut self, now: i64, retention: i64) {
        while let Some(&(sent, position)) = self.ages.first()
            && sent + retention <= now
        {
            self.remove(position);
        }
        self.show_due(now);
    }

    /// Shows what is hidden no longer.
    pub fn show_due(&mut self, now: i64) {
        while let Some(&(until, position)) = self.hidden.first()
            && until <= now
        {
            self.show(position, until);
        }
    }

    /// Drops every message; positions and receives count on, so that no handle fits a later message.
    pub fn clear(&mut self, is_fifo: bool) {
        *self = Self { next_position: self.next_position, next_receive: self.next_receive, ..Self::new(is_fifo) };
    }

    /// The position that the next message will have.
    pub fn next_position(&self) -> Position {
        self.next_position
    }

    /// Takes a message in, visible from `visible_at` on.
    pub fn add(&mut self, message: Message, now: i64, visible_at: i64) {
        let position = self.next_position;
        self.next_position += 1;
        self.order.arrives(position, message.group.as_ref());
        self.ages.insert((message.sent, position));
        self.hidden.insert((visible_at, position));
        let place = Place::Delayed { until: visible_at };
        self.kept.insert(position, Kept { message, place });
        if visible_at <= now {
            self.show(position, visible_at);
        }
    }

    /// Receives up to `max` messages, hidden until `until`; those that were received `max_receives` times already
    /// are taken out instead.
    pub fn receive(&mut self, now: i64, max: usize, until: i64, max_receives: Option<u32>) -> Taken {
        let mut taken = Taken::default();
        loop {
            let room = (max - taken.received.len()).min(MAX_IN_FLIGHT.saturating_sub(self.in_flight));
            let next = if room == 0 { Vec::new() } else { self.order.next(room) };
            if next.is_empty() {
                return taken;
            }
            for position in next {
                let receives = self.kept.get(&position).map_or(0, |kept| kept.message.receives);
                if max_receives.is_some_and(|max| receives >= max) {
                    taken.dead.extend(self.remove(position));
                } else {
                    taken.received.extend(self.fly(position, now, until));
                }
            }
        }
    }

    /// Gives messages in flight once more and hides them until `until`.
    pub fn receive_again(&mut self, receipts: &[Receipt], until: i64) -> Taken {
        let mut taken = Taken::default();
        for receipt in receipts {
            self.hide(receipt.position, until, false);
            let kept = self.kept.get(&receipt.position);
            taken.received.extend(kept.map(|kept| (*receipt, kept.message.clone())));
        }
        taken
    }

    /// Where a message is; none when it is not in the queue any more.
    pub fn place(&self, position: Position) -> Option<Place> {
        self.kept.get(&position).map(|kept| kept.place)
    }

    /// Hides a message in flight until another time.
    pub fn hide_until(&mut self, position: Position, until: i64) {
        self.hide(position, until, true);
    }

    fn hide(&mut self, position: Position, new_until: i64, by_consumer: bool) {
        if let Some(kept) = self.kept.get_mut(&position)
            && let Place::InFlight { until, is_changed, .. } = &mut kept.place
        {
            self.hidden.remove(&(*until, position));
            self.hidden.insert((new_until, position));
            *until = new_until;
            *is_changed |= by_consumer;
        }
    }

    /// Takes a message out for good.
    pub fn remove(&mut self, position: Position) -> Option<Message> {
        let Kept { message, place } = self.kept.remove(&position)?;
        if let Place::Delayed { until } | Place::InFlight { until, .. } = place {
            self.hidden.remove(&(until, position));
        }
        self.ages.remove(&(message.sent, position));
        self.in_flight -= usize::from(place.is_in_flight());
        self.order.leaves(position, message.group.as_ref(), place);
        Some(message)
    }

    /// Takes out every visible message, in their order.
    pub fn remove_visible(&mut self) -> Vec<Message> {
        let visible = self.kept.iter().filter(|(_, kept)| kept.place == Place::Visible);
        let visible: Vec<Position> = visible.map(|(position, _)| *position).collect();
        visible.into_iter().filter_map(|position| self.remove(position)).collect()
    }

    /// When the next hidden message becomes visible.
    pub fn next_due(&self) -> Option<i64> {
        self.hidden.first().map(|(until, _)| *until)
    }

    /// Whether a receive would take a message.
    pub fn can_give(&self) -> bool {
        self.in_flight < MAX_IN_FLIGHT && !self.order.next(1).is_empty()
    }

    /// How many messages there are of each kind.
    pub fn counts(&self) -> Counts {
        Counts {
            visible: self.kept.len() - self.hidden.len(),
            in_flight: self.in_flight,
            delayed: self.hidden.len() - self.in_flight,
        }
    }

    fn show(&mut self, position: Position, at: i64) {
        if let Some(kept) = self.kept.get_mut(&position) {
            self.hidden.remove(&(at, position));
            self.in_flight -= usize::from(kept.place.is_in_flight());
            self.order.shows(position, kept.message.group.as_ref(), at, kept.place);
            kept.place = Place::Visible;
        }
    }

    fn fly(&mut self, position: Position, now: i64, until: i64) -> Option<(Receipt, Message)> {
        let kept = self.kept.get_mut(&position)?;
        let receive = self.next_receive;
        self.next_receive += 1;
        self.in_flight += 1;
        self.hidden.insert((until, position));
        self.order.flies(position, kept.message.group.as_ref());
        kept.place = Place::InFlight { until, receive, since: now, is_changed: false };
        kept.message.receives += 1;
        kept.message.first_received.get_or_insert(now);
        Some((Receipt { position, receive }, kept.message.clone()))
    }
}
