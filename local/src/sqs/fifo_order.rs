//! The delivery order of a FIFO queue: a message group delivers its messages in sequence and is blocked while one of them
//! is in flight; of the groups that are not blocked, the one whose first message has been visible longest comes first.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::delivery_order::{DeliveryOrder, MessageState};
use super::limits::MAX_IN_FLIGHT;
use super::receipt_handle::Position;

/// The message groups of a FIFO queue.
#[derive(Debug, Default)]
pub struct FifoOrder {
    groups: HashMap<Arc<str>, Group>,
    /// The groups that can deliver, by the time since when their first message is visible, and then by its age.
    ready: BTreeMap<(i64, Position), Arc<str>>,
    /// Groups that could deliver if their first message were inside the window.
    beyond: BTreeMap<Position, (i64, Arc<str>)>,
    window: Window,
}

#[derive(Debug, Default)]
struct Group {
    /// The group's messages, each with the time since when it is visible, if it is.
    messages: BTreeMap<Position, Option<i64>>,
    /// How many messages are in flight; the group is blocked until there are none.
    in_flight: usize,
    /// The group's key in `ready` or `beyond`.
    listed: Option<(i64, Position)>,
}

impl Group {
    fn visible_head(&self) -> Option<(i64, Position)> {
        let (position, since) = self.messages.first_key_value().filter(|_| self.in_flight == 0)?;
        since.map(|since| (since, *position))
    }
}

impl FifoOrder {
    fn update_group(&mut self, position: Position, group: Option<&Arc<str>>, from: MessageState, to: MessageState) {
        let Some(name) = group else {
            debug_assert!(false, "every message of a FIFO queue has a group");
            return;
        };
        let group = self.groups.entry(name.clone()).or_default();
        if to == MessageState::Absent {
            group.messages.remove(&position);
        } else {
            group.messages.insert(position, to.visible_since());
        }
        group.in_flight += usize::from(to.is_in_flight());
        group.in_flight -= usize::from(from.is_in_flight());
        let (before, after) = (group.listed, group.visible_head());
        group.listed = after;
        if group.messages.is_empty() {
            self.groups.remove(name);
        }
        if before == after {
            return;
        }
        if let Some((since, position)) = before {
            self.ready.remove(&(since, position));
            self.beyond.remove(&position);
        }
        if let Some((since, position)) = after {
            if self.window.contains(position) {
                self.ready.insert((since, position), name.clone());
            } else {
                self.beyond.insert(position, (since, name.clone()));
            }
        }
    }
}

impl DeliveryOrder for FifoOrder {
    fn on_changed(&mut self, position: Position, group: Option<&Arc<str>>, from: MessageState, to: MessageState) {
        if from == MessageState::Absent {
            self.window.add(position);
        }
        self.update_group(position, group, from, to);
        if to == MessageState::Absent
            && let Some(position) = self.window.remove(position)
            && let Some((since, group)) = self.beyond.remove(&position)
        {
            self.ready.insert((since, position), group);
        }
    }

    /// As many messages as possible of one group.
    fn next_receivable(&self, max: usize) -> Vec<Position> {
        let group = self.ready.first_key_value().and_then(|(_, name)| self.groups.get(name));
        let messages = group.into_iter().flat_map(|group| &group.messages);
        let visible = messages.take_while(|(_, since)| since.is_some());
        visible.map(|(position, _)| *position).take(max).collect()
    }
}

/// The queue's oldest messages: only they can be delivered.
#[derive(Debug, Default)]
struct Window {
    positions: BTreeSet<Position>,
    inside: usize,
    /// The last position inside the window.
    edge: Position,
}

impl Window {
    fn contains(&self, position: Position) -> bool {
        position <= self.edge
    }

    fn add(&mut self, position: Position) {
        self.positions.insert(position);
        if self.inside < MAX_IN_FLIGHT {
            self.inside += 1;
            self.edge = position;
        }
    }

    /// Returns the position that moved inside the window in place of the removed one.
    fn remove(&mut self, position: Position) -> Option<Position> {
        self.positions.remove(&position);
        if !self.contains(position) {
            return None;
        }
        let next = self.positions.range(self.edge + 1..).next().copied();
        match next {
            Some(next) => self.edge = next,
            None => self.inside -= 1,
        }
        next
    }
}
