//! The simulator's record of requests and accepted messages, which `GET /ledger` returns. Tests compare it with the
//! webhooks that customers received.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

use super::person::Person;
use shared::mutex::lock;

/// The digits of a posted message's recipient.
pub fn recipient(message: &Value) -> String {
    let recipient = message["to"].as_str().or_else(|| message["recipient"].as_str());
    recipient.unwrap_or_default().trim_start_matches('+').to_owned()
}

/// A message that WhatsApp accepted: the recipient's phone shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AcceptedMessage {
    /// The message's id at WhatsApp.
    pub wamid: String,
    /// The id of the number that sent it.
    pub number_id: String,
    /// When it was accepted: milliseconds since the epoch.
    pub at: i64,
    /// The posted message.
    pub message: Value,
    /// The template as it was then, if the message names one.
    #[serde(skip)]
    pub(super) template: Option<Arc<Value>>,
    /// Whether its statuses name a conversation, as those of versions before v24.0 do.
    #[serde(skip)]
    pub(super) has_conversation: bool,
}

impl AcceptedMessage {
    /// The recipient's digits.
    pub fn recipient(&self) -> String {
        recipient(&self.message)
    }
}

/// The record of requests and accepted messages.
#[derive(Debug, Default)]
pub struct Ledger {
    taken: watch::Sender<Vec<AcceptedMessage>>,
    /// How many messages were posted, accepted or not.
    asked: watch::Sender<usize>,
    /// How many posts exceeded a number's throughput.
    throttled: AtomicUsize,
    /// How many posts were refused on request, by recipient.
    refused: Mutex<HashMap<String, usize>>,
}

impl Ledger {
    /// How many messages were posted so far, accepted or not.
    pub fn asked(&self) -> usize {
        *self.asked.borrow()
    }

    /// How many posts were refused because they exceeded a number's throughput.
    pub fn throttled(&self) -> usize {
        self.throttled.load(Ordering::Relaxed)
    }

    /// The accepted messages, in order.
    pub fn taken(&self) -> Vec<AcceptedMessage> {
        self.taken.borrow().clone()
    }

    /// The accepted messages to one recipient.
    pub fn taken_by(&self, recipient: &str) -> Vec<AcceptedMessage> {
        self.taken.borrow().iter().filter(|taken| taken.recipient() == recipient).cloned().collect()
    }

    /// The accepted messages to a person, under any of these numbers and user ids.
    pub(super) fn taken_by_aliases(&self, aliases: &BTreeSet<String>) -> Vec<AcceptedMessage> {
        let is_to = |message: &&AcceptedMessage| {
            let Person { wa_id, user_id } = Person::from_recipient(&message.recipient());
            wa_id.iter().chain([&user_id]).any(|alias| aliases.contains(alias))
        };
        self.taken.borrow().iter().filter(is_to).cloned().collect()
    }

    /// Returns when this many messages were posted.
    pub async fn wait_for_asked(&self, count: usize) {
        drop(self.asked.subscribe().wait_for(|asked| *asked >= count).await);
    }

    /// Returns when this many messages were accepted.
    pub async fn wait_for_taken(&self, count: usize) {
        drop(self.taken.subscribe().wait_for(|taken| taken.len() >= count).await);
    }

    /// Whether a post to a recipient is refused: the first `max` of them are.
    pub(super) fn refuse(&self, recipient: &str, max: usize) -> bool {
        let mut refused = lock(&self.refused);
        let count = refused.entry(recipient.to_owned()).or_default();
        let refuses = *count < max;
        *count += usize::from(refuses);
        refuses
    }

    pub(super) fn count_post(&self) {
        self.asked.send_modify(|asked| *asked += 1);
    }

    pub(super) fn count_throttled(&self) {
        self.throttled.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn add(&self, message: AcceptedMessage) {
        self.taken.send_modify(|taken| taken.push(message));
    }
}
