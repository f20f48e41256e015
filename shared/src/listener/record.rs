//! The record of a listener.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::event::Event;
use crate::ids::{AccountId, InstanceId, ListenerId};

/// How long a listener lasts after its last poll (contract).
const LASTS: Duration = Duration::from_secs(60);
/// How long a poll waits for an event: less than `manage`'s timeout.
pub const LONG_POLL_WAIT: Duration = Duration::from_secs(10);
/// How long a poll may be in progress: as long as `manage`'s timeout.
const LONG_POLL_LEASE: Duration = Duration::from_secs(15);

/// A listener.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listener {
    /// Its id.
    pub id: ListenerId,
    /// Its account.
    pub account_id: AccountId,
    /// The instance whose events it gets; all of the account if there is none.
    pub instance_id: Option<InstanceId>,
    /// The events that it gets.
    pub events: Vec<String>,
    /// When it ends unless it is polled.
    pub ends_at: Timestamp,
    /// Until when a poll of it may be in progress.
    pub polled_until: Option<Timestamp>,
    /// When the table deletes it: seconds since the epoch (DynamoDB's TTL).
    pub forget_at: i64,
}

impl Listener {
    /// A new listener.
    pub fn new(account_id: AccountId, instance_id: Option<InstanceId>, events: Vec<String>, now: Timestamp) -> Self {
        let ends_at = now.plus(LASTS);
        let (id, forget_at) = (ListenerId::generate(), forget_at(ends_at));
        Self { id, account_id, instance_id, events, ends_at, polled_until: None, forget_at }
    }

    /// Whether it has not ended.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.ends_at
    }

    /// Whether it ended so long ago that no poll renews it.
    pub fn is_forgotten(&self, now: Timestamp) -> bool {
        self.ends_at.plus(LASTS) <= now
    }

    /// Whether it gets an event.
    pub fn hears(&self, event: &Event, now: Timestamp) -> bool {
        self.is_live(now)
            && self.account_id == event.account_id
            && self.instance_id.as_ref().is_none_or(|instance| *instance == event.instance_id)
            && self.events.iter().any(|wanted| *wanted == event.name)
    }
}

/// When a poll that begins now ends at the latest, and when the listener ends after it.
pub(super) fn poll_times(now: Timestamp) -> (Timestamp, Timestamp) {
    let until = now.plus(LONG_POLL_LEASE);
    (until, until.plus(LASTS))
}

/// When a listener ends whose poll ends now.
pub(super) fn end_after_poll(now: Timestamp) -> Timestamp {
    now.plus(LASTS)
}

/// When the table deletes a listener that ends then: a moment later, since a poll may still renew it.
pub(super) fn forget_at(ends_at: Timestamp) -> i64 {
    ends_at.plus(LASTS).secs()
}
