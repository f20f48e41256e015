//! The simulator's memory: what it was asked, and what reached the phones. Tests compare it with what customers were
//! told.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

/// A message that WhatsApp took: the phone will show it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Taken {
    /// WhatsApp's id of it.
    pub wamid: String,
    /// The number that it left from.
    pub number_id: String,
    /// What was posted.
    pub message: Value,
}

impl Taken {
    /// The recipient's digits.
    pub fn recipient(&self) -> String {
        super::graph::recipient(&self.message)
    }
}

/// What was asked and taken.
#[derive(Debug, Default)]
pub struct Ledger {
    taken: Mutex<Vec<Taken>>,
    /// How many messages were posted, taken or not.
    asked: watch::Sender<usize>,
    count: watch::Sender<usize>,
    /// How many posts were more than a number takes in a second.
    throttled: AtomicUsize,
    /// How many posts to a recipient were refused.
    refused: Mutex<HashMap<String, usize>>,
}

impl Ledger {
    /// How many messages were posted so far, taken or not.
    pub fn asked(&self) -> usize {
        *self.asked.borrow()
    }

    /// How many posts were refused because a number had taken too many in a second.
    pub fn throttled(&self) -> usize {
        self.throttled.load(Ordering::Relaxed)
    }

    /// The messages that were taken, in order.
    pub fn taken(&self) -> Vec<Taken> {
        self.lock().clone()
    }

    /// The messages to one recipient.
    pub fn taken_by(&self, recipient: &str) -> Vec<Taken> {
        self.lock().iter().filter(|taken| taken.recipient() == recipient).cloned().collect()
    }

    /// Returns once this many messages were posted.
    pub async fn wait_for_asked(&self, count: usize) {
        drop(self.asked.subscribe().wait_for(|asked| *asked >= count).await);
    }

    /// Returns once this many messages were taken.
    pub async fn wait_for_taken(&self, count: usize) {
        drop(self.count.subscribe().wait_for(|taken| *taken >= count).await);
    }

    /// Counts a refusal of a post to a recipient, unless there have been `most`.
    pub(super) fn refuse(&self, recipient: &str, most: usize) -> bool {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let count = refused.entry(recipient.to_owned()).or_default();
        let refuses = *count < most;
        *count += usize::from(refuses);
        refuses
    }

    pub(super) fn ask(&self) {
        self.asked.send_modify(|asked| *asked += 1);
    }

    pub(super) fn throttle(&self) {
        self.throttled.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn take_in(&self, taken: Taken) -> Taken {
        let mut all = self.lock();
        all.push(taken.clone());
        self.count.send_replace(all.len());
        taken
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Taken>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
