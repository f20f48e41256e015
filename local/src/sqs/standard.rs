//! The order of a standard queue: oldest first, but a message group that has many messages in flight comes after
//! the others (Amazon SQS developer guide, "Fair queues").

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::order::{Order, Place};
use super::receipt::Position;

/// From how many messages in flight a group is a noisy neighbour, as AWS documents it.
const NOISY: usize = 30;

/// The visible messages of a standard queue.
#[derive(Debug, Default)]
pub struct Tenants {
    /// The oldest message of each group, and every message without one: each of those is its own tenant.
    next: BTreeSet<(usize, Position)>,
    groups: HashMap<Arc<str>, Tenant>,
}

#[derive(Debug, Default)]
struct Tenant {
    visible: BTreeSet<Position>,
    in_flight: usize,
}

impl Tenant {
    /// The place among the groups: quiet ones by age, then the noisy ones, least in flight first.
    fn rank(&self) -> Option<(usize, Position)> {
        let noise = if self.in_flight < NOISY { 0 } else { self.in_flight };
        self.visible.first().map(|oldest| (noise, *oldest))
    }
}

impl Tenants {
    fn change(&mut self, group: &Arc<str>, change: impl FnOnce(&mut Tenant)) {
        let tenant = self.groups.entry(group.clone()).or_default();
        let before = tenant.rank();
        change(tenant);
        let after = tenant.rank();
        if tenant.visible.is_empty() && tenant.in_flight == 0 {
            self.groups.remove(group);
        }
        if before != after {
            before.map(|rank| self.next.remove(&rank));
            self.next.extend(after);
        }
    }
}

impl Order for Tenants {
    fn arrives(&mut self, _: Position, _: Option<&Arc<str>>) {}

    fn shows(&mut self, position: Position, group: Option<&Arc<str>>, _: i64, from: Place) {
        let Some(group) = group else {
            self.next.insert((0, position));
            return;
        };
        self.change(group, |tenant| {
            tenant.visible.insert(position);
            tenant.in_flight -= usize::from(from.is_in_flight());
        });
    }

    fn flies(&mut self, position: Position, group: Option<&Arc<str>>) {
        let Some(group) = group else {
            self.next.remove(&(0, position));
            return;
        };
        self.change(group, |tenant| {
            tenant.visible.remove(&position);
            tenant.in_flight += 1;
        });
    }

    fn leaves(&mut self, position: Position, group: Option<&Arc<str>>, from: Place) {
        let Some(group) = group else {
            self.next.remove(&(0, position));
            return;
        };
        self.change(group, |tenant| {
            tenant.visible.remove(&position);
            tenant.in_flight -= usize::from(from.is_in_flight());
        });
    }

    /// One at a time: each receive can make a group noisy.
    fn next(&self, _: usize) -> Vec<Position> {
        self.next.first().map(|(_, position)| *position).into_iter().collect()
    }
}
