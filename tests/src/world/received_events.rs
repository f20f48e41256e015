//! The events that waited in a queue.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use local::lambda::Function;
use serde_json::Value;
use shared::mutex::lock;

/// A webhook's id, a message's id and the name of an event.
type Event = (String, String, String);

/// How often `notify` received each event that waited in a queue.
#[derive(Clone, Default)]
pub struct ReceivedEvents(Arc<Mutex<BTreeMap<Event, usize>>>);

impl ReceivedEvents {
    /// Counts from now on.
    pub fn record(notify: &Function) -> Self {
        let (received, mut finished) = (Self::default(), notify.subscribe());
        let counted = received.clone();
        tokio::spawn(async move {
            while let Some(invocation) = finished.recv().await {
                let event: Value = serde_json::from_slice(&invocation.event).unwrap_or_default();
                let records = event["Records"].as_array().into_iter().flatten();
                for event in records.filter_map(event_of) {
                    *lock(&counted.0).entry(event).or_default() += 1;
                }
            }
        });
        received
    }

    /// The events of a message for a webhook, and how often each was received.
    pub fn of(&self, webhook: &str, message: &str) -> Vec<(String, usize)> {
        let received = lock(&self.0);
        let own = received.iter().filter(|((to, subject, _), _)| to == webhook && subject == message);
        own.map(|((_, _, event), count)| (event.clone(), *count)).collect()
    }
}

fn event_of(record: &Value) -> Option<Event> {
    let body: Value = serde_json::from_str(record["body"].as_str()?).ok()?;
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    Some((text("webhookId")?, text("subject")?, text("event")?))
}
