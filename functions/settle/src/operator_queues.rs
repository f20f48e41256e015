//! The queues of what only the operator can resolve. Lambda and SQS put messages there as well as functions, so their depth is
//! counted as a metric, for the one alarm of basic monitoring.

use std::sync::atomic::{AtomicI64, Ordering};

use aws_sdk_sqs::Client;
use shared::aws::{EnvironmentError, QueueReader};
use shared::clock;
use shared::observability::{Metric, metrics};

/// Seconds between two counts: in each of the alarm's periods of five minutes there is one.
const INTERVAL: i64 = 240;

/// The queues, and when they were last counted.
pub struct OperatorQueues {
    queues: [QueueReader; 3],
    counted_at: AtomicI64,
}

impl OperatorQueues {
    /// The queues that `SETTLE_DEAD_LETTERS_URL`, `MEDIA_DEAD_LETTERS_URL` and `UNREADABLE_RECORDS_URL` name.
    pub fn from_environment(client: &Client) -> Result<Self, EnvironmentError> {
        let queue = |variable| QueueReader::from_environment(client.clone(), variable);
        let names = ["SETTLE_DEAD_LETTERS_URL", "MEDIA_DEAD_LETTERS_URL", "UNREADABLE_RECORDS_URL"];
        let [settle, media, records] = names.map(queue);
        let queues = [settle?, media?, records?];
        Ok(Self { queues, counted_at: AtomicI64::new(0) })
    }

    /// Counts what waits for the operator, unless this process has just done so.
    pub async fn count(&self) {
        let now = clock::now().secs();
        if now < self.counted_at.load(Ordering::Relaxed) + INTERVAL {
            return;
        }
        self.counted_at.store(now, Ordering::Relaxed);
        for queue in &self.queues {
            match queue.visible().await {
                Ok(count) => metrics::count_many(Metric::DeadLettersLeft, count),
                Err(error) => tracing::error!(%error, "operator_queue.count_failed"),
            }
        }
    }
}
