//! The queue messages that a function has finished with.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use local::lambda::Function;
use serde_json::Value;
use shared::ids::MessageId;
use shared::mutex::lock;

/// The queue messages that `deliver` has finished with, as pairs of a queue and a message id. `deliver` changes the visibility of
/// a message that has to wait before its invocation returns, so a message in this set no longer depends on a running process.
#[derive(Clone, Default)]
pub struct Handled(Arc<Mutex<BTreeSet<(String, String)>>>);

impl Handled {
    /// Records every invocation of a function from now on.
    pub fn record(function: &Function) -> Self {
        let (handled, mut finished) = (Self::default(), function.subscribe());
        let recorded = handled.clone();
        tokio::spawn(async move {
            while let Some(invocation) = finished.recv().await {
                let event: Value = serde_json::from_slice(&invocation.event).unwrap_or_default();
                let records = event["Records"].as_array().into_iter().flatten();
                recorded.lock().extend(records.filter_map(queue_and_message));
            }
        });
        handled
    }

    /// Whether a message of a queue is in the set.
    pub fn has(&self, queue: &str, id: &MessageId) -> bool {
        self.lock().contains(&(queue.to_owned(), id.to_string()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<(String, String)>> {
        lock(&self.0)
    }
}

fn queue_and_message(record: &Value) -> Option<(String, String)> {
    let queue = record["eventSourceARN"].as_str()?.rsplit(':').next()?.to_owned();
    let body: Value = serde_json::from_str(record["body"].as_str()?).ok()?;
    Some((queue, body["messageId"].as_str()?.to_owned()))
}
