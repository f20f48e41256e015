//! The queue messages that a function has finished with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use local::lambda::Function;
use serde_json::Value;
use shared::ids::MessageId;
use shared::mutex::lock;

/// The queue messages that `deliver` has finished with, as pairs of a queue and a message id, and how often. `deliver` changes the visibility of
/// a message that has to wait before its invocation returns, so a message in this set no longer depends on a running process.
#[derive(Clone, Default)]
pub struct Handled(Arc<Mutex<BTreeMap<(String, String), usize>>>);

impl Handled {
    /// Records every invocation of a function from now on.
    pub fn record(function: &Function) -> Self {
        let (handled, mut finished) = (Self::default(), function.subscribe());
        let recorded = handled.clone();
        tokio::spawn(async move {
            while let Some(invocation) = finished.recv().await {
                let event: Value = serde_json::from_slice(&invocation.event).unwrap_or_default();
                let records = event["Records"].as_array().into_iter().flatten();
                for message in records.filter_map(queue_and_message) {
                    *recorded.lock().entry(message).or_default() += 1;
                }
            }
        });
        handled
    }

    /// Whether a message of a queue is in the set.
    pub fn has(&self, queue: &str, id: &MessageId) -> bool {
        self.lock().contains_key(&(queue.to_owned(), id.to_string()))
    }

    /// In how many invocations a message was, from any queue.
    pub fn count(&self, id: &MessageId) -> usize {
        self.lock().iter().filter(|((_, message), _)| message == id.as_str()).map(|(_, count)| count).sum()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<(String, String), usize>> {
        lock(&self.0)
    }
}

fn queue_and_message(record: &Value) -> Option<(String, String)> {
    let queue = record["eventSourceARN"].as_str()?.rsplit(':').next()?.to_owned();
    let body: Value = serde_json::from_str(record["body"].as_str()?).ok()?;
    Some((queue, body["messageId"].as_str()?.to_owned()))
}
