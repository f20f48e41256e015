//! Processes a stream's records in batches, in order, and retries each batch until it succeeds or is discarded (AWS
//! Lambda developer guide, "Using Lambda with Amazon DynamoDB").

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_sqs::Client;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::batch_response::failed_items;
use super::mapping::StreamMapping;
use super::stream_record::StreamRecord;
use crate::clock::Clock;
use crate::lambda::function::Function;

/// The backoff before the first retry; it doubles with each further one.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
/// The longest backoff.
const MAX_BACKOFF: Duration = Duration::from_secs(60);

/// Invokes the function with batches of records. A clone runs for each concurrent batch.
#[derive(Clone)]
pub struct StreamBatchProcessor {
    pub function: Function,
    pub clock: Clock,
    pub mapping: Arc<StreamMapping>,
    /// The destination of discarded records: a client and a queue's URL.
    pub on_failure: Option<(Client, String)>,
}

impl StreamBatchProcessor {
    /// Processes records until the reader ends. `pending` counts those that are read and not processed.
    pub async fn run(self, mut records: mpsc::Receiver<StreamRecord>, pending: Arc<AtomicUsize>) {
        let mut batch = Vec::new();
        while records.recv_many(&mut batch, self.mapping.batch_size).await > 0 {
            let count = batch.len();
            self.process(std::mem::take(&mut batch)).await;
            pending.fetch_sub(count, Ordering::Relaxed);
        }
    }

    async fn process(&self, batch: Vec<StreamRecord>) {
        let mut batches = vec![batch]; // a stack: the next batch is the last
        while let Some(batch) = batches.pop() {
            let Some(failed) = self.process_batch(batch).await else {
                continue;
            };
            let (first, second) = failed.split_at(failed.len() / 2);
            batches.extend([second.to_vec(), first.to_vec()]);
        }
    }

    /// Invokes the function until the batch succeeds or is discarded. Returns the remaining records when the batch is to
    /// be split in two.
    async fn process_batch(&self, mut batch: Vec<StreamRecord>) -> Option<Vec<StreamRecord>> {
        let mut attempts = 0;
        loop {
            let remaining = self.invoke(&batch).await;
            if remaining == 0 {
                return None;
            }
            let all_failed = remaining == batch.len();
            batch.drain(..batch.len() - remaining);
            if self.mapping.bisects_batches && all_failed && batch.len() > 1 {
                return Some(batch);
            }
            attempts += 1;
            if let Some(condition) = self.discard_condition(&batch, attempts) {
                self.discard(&batch, condition, attempts).await;
                return None;
            }
            let backoff = FIRST_BACKOFF.saturating_mul(1 << attempts.min(10)).min(MAX_BACKOFF);
            self.clock.sleep_until(self.clock.now() + backoff.as_millis() as i64).await;
        }
    }

    /// Invokes the function and returns how many records, at the end of the batch, did not succeed.
    async fn invoke(&self, batch: &[StreamRecord]) -> usize {
        let records: Vec<&Value> = batch.iter().map(|record| &record.json).collect();
        let result = self.function.invoke(Bytes::from(json!({ "Records": records }).to_string())).await;
        let response = match result {
            Ok(_) if self.mapping.function_response_types.is_empty() => return 0,
            Ok(response) => response,
            Err(error) => {
                eprintln!("{}: a batch of {} stream records failed: {error}", self.function.name(), batch.len());
                return batch.len();
            }
        };
        let position = |id: &str| batch.iter().position(|record| record.sequence == id);
        match failed_items(&response, |id| position(id).is_some()) {
            // Lambda treats every record before the lowest failed sequence number as successful.
            Some(failed) => failed.iter().filter_map(|id| position(id)).min().map_or(0, |first| batch.len() - first),
            None => batch.len(),
        }
    }

    /// Why a failed batch is not retried any more, as the on-failure record names it.
    fn discard_condition(&self, batch: &[StreamRecord], attempts: u64) -> Option<&'static str> {
        let oldest = batch.first().map_or(0, |record| record.written_at);
        let age = u64::try_from(self.clock.now() - oldest).unwrap_or_default();
        if self.mapping.max_record_age.is_some_and(|max| age > max * 1000) {
            return Some("RecordAgeExceeded");
        }
        self.mapping.max_retry_attempts.filter(|max| attempts > *max).map(|_| "RetryAttemptsExhausted")
    }

    /// Discards a batch: sends its sequence numbers to the on-failure queue.
    async fn discard(&self, batch: &[StreamRecord], condition: &str, attempts: u64) {
        eprintln!("{}: discarded {} stream records: {condition}", self.function.name(), batch.len());
        let (Some((sqs, url)), [first, ..], [.., last]) = (&self.on_failure, batch, batch) else {
            return;
        };
        let body = json!({
            "requestContext": {
                "requestId": Uuid::new_v4().to_string(),
                "functionArn": self.function.name(),
                "condition": condition,
                "approximateInvokeCount": attempts,
            },
            "version": "1.0",
            "DDBStreamBatchInfo": {
                "startSequenceNumber": first.sequence,
                "endSequenceNumber": last.sequence,
                "batchSize": batch.len(),
            },
        });
        if let Err(error) = sqs.send_message().queue_url(url).message_body(body.to_string()).send().await {
            eprintln!("{}: sending to the on-failure queue failed: {error}", self.function.name());
        }
    }
}
