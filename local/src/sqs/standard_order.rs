//! The delivery order of a standard queue: oldest first, but a message group with many messages in flight comes after the
//! others (Amazon SQS developer guide, "Fair queues").

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::delivery_order::{DeliveryOrder, MessageState};
use super::receipt_handle::Position;

/// A group with this many messages in flight is a noisy neighbour, as AWS documents it.
const NOISY_NEIGHBOUR: usize = 30;

/// The visible messages of a standard queue.
#[derive(Debug, Default)]
pub struct StandardOrder {
    /// The oldest visible message of each group, and every visible message without a group, by rank.
    ranked: BTreeSet<(usize, Position)>,
    groups: HashMap<Arc<str>, Group>,
}

#[derive(Debug, Default)]
struct Group {
    visible: BTreeSet<Position>,
    in_flight: usize,
}

impl Group {
    /// The rank among the groups: quiet groups by age, then noisy ones, least in flight first.
    fn rank(&self) -> Option<(usize, Position)> {
        let noise = if self.in_flight < NOISY_NEIGHBOUR { 0 } else { self.in_flight };
        self.visible.first().map(|oldest| (noise, *oldest))
    }
}

impl DeliveryOrder for StandardOrder {
    fn on_changed(&mut self, position: Position, group: Option<&Arc<str>>, from: MessageState, to: MessageState) {
        let Some(name) = group else {
            self.ranked.remove(&(0, position));
            self.ranked.extend(to.visible_since().map(|_| (0, position)));
            return;
        };
        let group = self.groups.entry(name.clone()).or_default();
        let before = group.rank();
        group.visible.remove(&position);
        group.visible.extend(to.visible_since().map(|_| position));
        group.in_flight += usize::from(to.is_in_flight());
        group.in_flight -= usize::from(from.is_in_flight());
        let after = group.rank();
        if group.visible.is_empty() && group.in_flight == 0 {
            self.groups.remove(name);
        }
        if before != after {
            before.map(|rank| self.ranked.remove(&rank));
            self.ranked.extend(after);
        }
    }

    /// One message at a time, because each receive can make a group noisy.
    fn next_receivable(&self, _: usize) -> Vec<Position> {
        self.ranked.first().map(|(_, position)| *position).into_iter().collect()
    }
}
