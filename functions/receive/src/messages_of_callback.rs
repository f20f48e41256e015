//! What the messages of one callback say of each other: they are stored at the same time, in any order.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use shared::alias::Alias;
use shared::clock::Timestamp;
use shared::contact::Activity;
use shared::whatsapp::ReceivedMessage;
use shared::whatsapp::event_time;

use crate::activity;

/// The messages of one callback.
pub struct MessagesOfCallback {
    /// Their ids: of the number that received them, and WhatsApp's own.
    ids: HashSet<(String, String)>,
    /// What each sender did in all of them. Each message notes all of it, so that messages which are stored at the same time change the
    /// contact once, and do not refuse each other's changes.
    activities: HashMap<(String, Alias), Activity>,
}

impl MessagesOfCallback {
    /// Those of a callback that came `now`.
    pub fn new(received: &[ReceivedMessage], now: Timestamp) -> Self {
        let mut activities: HashMap<(String, Alias), Activity> = HashMap::new();
        for message in received {
            let known = activities.entry((message.number_id.clone(), message.from.clone())).or_default();
            *known = std::mem::take(known).together(activity::of_message(message, time_of(message, now)));
        }
        let ids = received.iter().map(|message| (message.number_id.clone(), message.provider_id.clone())).collect();
        Self { ids, activities }
    }

    /// Whether one of them has this id of WhatsApp's.
    pub fn contains(&self, number_id: &str, provider_id: &str) -> bool {
        self.ids.contains(&(number_id.to_owned(), provider_id.to_owned()))
    }

    /// What the sender of one of them did.
    pub fn activity_of_sender(&self, message: &ReceivedMessage) -> Activity {
        self.activities.get(&(message.number_id.clone(), message.from.clone())).cloned().unwrap_or_default()
    }
}

/// When a message of a callback that came `now` was received. WhatsApp's times are whole seconds: the order within a callback is kept in
/// the milliseconds.
pub fn time_of(message: &ReceivedMessage, now: Timestamp) -> Timestamp {
    event_time(message.time, now).plus(Duration::from_millis(message.place as u64))
}
