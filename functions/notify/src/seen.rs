//! Endpoints that this process has seen answer quickly: only those are called straight from a stream, so that no shard
//! waits for a slow one. All others are called from the queue.

use std::time::Duration;

use shared::cache::Cache;
use shared::ids::WebhookId;

/// How quickly an endpoint must answer.
const QUICK: Duration = Duration::from_secs(1);
/// For how long that is believed.
const AGE: Duration = Duration::from_secs(5 * 60);

/// What was seen.
#[derive(Default)]
pub struct Seen(Cache<WebhookId, ()>);

impl Seen {
    /// Whether a webhook's endpoint is known to answer quickly.
    pub fn is_quick(&self, webhook: &WebhookId) -> bool {
        self.0.get(webhook).is_some()
    }

    /// Notes an attempt.
    pub fn note(&self, webhook: &WebhookId, succeeded: bool, took: Duration) {
        if succeeded && took < QUICK {
            self.0.put(webhook.clone(), (), AGE);
        } else {
            self.0.remove(webhook);
        }
    }
}
