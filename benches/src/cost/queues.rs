//! SQS's requests as they are billed: by kind of queue, and for each 64 KB.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use ::tests::proxy::{Call, Listener};
use serde_json::Value;

use crate::cost::assumptions::QUEUE_STEP;

/// Requests by queue and operation.
pub type Requests = BTreeMap<(String, String), f64>;

/// Counts requests.
#[derive(Debug, Default)]
pub struct Queues(Mutex<Requests>);

impl Queues {
    /// All requests so far.
    pub fn requests(&self) -> Requests {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Listener for Queues {
    fn answered(&self, call: &Call<'_>) {
        let asked: Value = serde_json::from_slice(call.body).unwrap_or_default();
        let queue = asked["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
        let mut requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((queue.to_owned(), call.operation.to_owned())).or_default() += billed(call.body.len());
    }
}

/// How many requests one request of this size is billed as.
pub fn billed(bytes: usize) -> f64 {
    bytes.div_ceil(QUEUE_STEP).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_64_kilobytes_are_a_request() {
        for (bytes, requests) in [(0, 1.0), (1, 1.0), (65_536, 1.0), (65_537, 2.0), (262_144, 4.0)] {
            assert!((billed(bytes) - requests).abs() < f64::EPSILON, "{bytes}");
        }
    }
}
