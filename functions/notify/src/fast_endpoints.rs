//! Endpoints that are known to be fast: only those are called directly from a stream, so that no shard waits for a slow one.
//! All others are called from the queue.

use std::time::Duration;

use shared::cache::Cache;
use shared::ids::WebhookId;

/// How fast an endpoint must answer.
const FAST: Duration = Duration::from_secs(1);
/// How long that is trusted.
const MAX_AGE: Duration = Duration::from_secs(5 * 60);

/// The endpoints that this process has seen answer fast.
#[derive(Default)]
pub struct FastEndpoints(Cache<WebhookId, ()>);

impl FastEndpoints {
    /// Whether a webhook's endpoint is known to be fast.
    pub fn contains(&self, webhook: &WebhookId) -> bool {
        self.0.get(webhook).is_some()
    }

    /// Records an attempt.
    pub fn record(&self, webhook: &WebhookId, succeeded: bool, duration: Duration) {
        if succeeded && duration < FAST {
            self.0.put(webhook.clone(), (), MAX_AGE);
        } else {
            self.0.remove(webhook);
        }
    }
}
