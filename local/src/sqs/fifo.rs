//! The order of a FIFO queue: a group gives its messages in sequence while none of them is in flight, and of the groups
//! that can give one, the one whose head has waited longest comes first.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::order::{Order, Place};
use super::receipt::Position;

/// Among how many of its oldest messages a FIFO queue looks for groups that can give one.
const LOOKS_THROUGH: usize = 120_000;

/// The message groups of a FIFO queue.
#[derive(Debug, Default)]
pub struct Groups {
    groups: HashMap<Arc<str>, Group>,
    /// The groups whose head is visible, by since when and then by age.
    ready: BTreeMap<(i64, Position), Arc<str>>,
    /// Groups that would be ready, were their heads not too far back.
    beyond: BTreeMap<Position, (i64, Arc<str>)>,
    window: Window,
}

#[derive(Debug, Default)]
struct Group {
    /// The group's messages, and since when each is visible, if it is.
    messages: BTreeMap<Position, Option<i64>>,
    /// How many were received and are neither deleted nor visible again: until there is none, the group is blocked.
    in_flight: usize,
    /// Under what the group is listed in `ready` or `beyond`.
    listed: Option<(i64, Position)>,
}

impl Group {
    fn visible_head(&self) -> Option<(i64, Position)> {
        if self.in_flight > 0 {
            return None;
        }
        let (position, since) = self.messages.first_key_value()?;
        since.map(|since| (since, *position))
    }
}

impl Groups {
    fn change(&mut self, group: Option<&Arc<str>>, change: impl FnOnce(&mut Group)) {
        let Some(name) = group else {
            debug_assert!(false, "every message of a FIFO queue has a group");
            return;
        };
        let group = self.groups.entry(name.clone()).or_default();
        change(group);
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
            if self.window.holds(position) {
                self.ready.insert((since, position), name.clone());
            } else {
                self.beyond.insert(position, (since, name.clone()));
            }
        }
    }
}

impl Order for Groups {
    fn arrives(&mut self, position: Position, group: Option<&Arc<str>>) {
        self.window.arrives(position);
        self.change(group, |group| {
            group.messages.insert(position, None);
        });
    }

    fn shows(&mut self, position: Position, group: Option<&Arc<str>>, at: i64, from: Place) {
        self.change(group, |group| {
            group.messages.insert(position, Some(at));
            group.in_flight -= usize::from(from.is_in_flight());
        });
    }

    fn flies(&mut self, position: Position, group: Option<&Arc<str>>) {
        self.change(group, |group| {
            group.messages.insert(position, None);
            group.in_flight += 1;
        });
    }

    fn leaves(&mut self, position: Position, group: Option<&Arc<str>>, from: Place) {
        self.change(group, |group| {
            group.messages.remove(&position);
            group.in_flight -= usize::from(from.is_in_flight());
        });
        if let Some(position) = self.window.leaves(position)
            && let Some((since, group)) = self.beyond.remove(&position)
        {
            self.ready.insert((since, position), group);
        }
    }

    /// As many as possible of one group.
    fn next(&self, room: usize) -> Vec<Position> {
        let group = self.ready.first_key_value().and_then(|(_, name)| self.groups.get(name));
        let messages = group.into_iter().flat_map(|group| &group.messages);
        let visible = messages.take_while(|(_, since)| since.is_some());
        visible.map(|(position, _)| *position).take(room).collect()
    }
}

/// The queue's oldest messages, among which it looks for groups.
#[derive(Debug, Default)]
struct Window {
    positions: BTreeSet<Position>,
    inside: usize,
    /// The last position inside.
    edge: Position,
}

impl Window {
    fn holds(&self, position: Position) -> bool {
        position <= self.edge
    }

    fn arrives(&mut self, position: Position) {
        self.positions.insert(position);
        if self.inside < LOOKS_THROUGH {
            self.inside += 1;
            self.edge = position;
        }
    }

    /// The position that came inside for the one that left.
    fn leaves(&mut self, position: Position) -> Option<Position> {
        self.positions.remove(&position);
        if !self.holds(position) {
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
