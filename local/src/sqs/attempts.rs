//! Receives that a consumer may repeat: for five minutes the same ReceiveRequestAttemptId gives the same messages and
//! handles, unless one of them was touched.

use std::collections::{HashMap, VecDeque};

use super::messages::Messages;
use super::order::Place;
use super::receipt::Receipt;

/// How long a receive can be repeated, in milliseconds.
const INTERVAL: i64 = 5 * 60 * 1000;

/// The receives that can be repeated, by their attempt ids.
#[derive(Debug, Default)]
pub struct Attempts {
    receipts: HashMap<String, Vec<Receipt>>,
    /// When to forget each, soonest first.
    ends: VecDeque<(i64, String)>,
}

impl Attempts {
    /// What the receive with this id gave, if each message of it is still in flight and untouched.
    pub fn find(&mut self, now: i64, id: &str, messages: &Messages) -> Option<Vec<Receipt>> {
        while let Some((_, id)) = self.ends.pop_front_if(|(end, _)| *end <= now) {
            self.receipts.remove(&id);
        }
        let is_untouched = |receipt: &Receipt| match messages.place(receipt.position) {
            Some(Place::InFlight { receive, is_changed, .. }) => receive == receipt.receive && !is_changed,
            _ => false,
        };
        let receipts = self.receipts.get(id)?;
        receipts.iter().all(is_untouched).then(|| receipts.clone())
    }

    /// Remembers what a receive gave at `now`.
    pub fn remember(&mut self, now: i64, id: &str, receipts: Vec<Receipt>) {
        self.ends.push_back((now + INTERVAL, id.to_owned()));
        self.receipts.insert(id.to_owned(), receipts);
    }
}
