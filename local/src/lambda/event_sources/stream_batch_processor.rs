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
        loop {
            let batch = self.gather(&mut records).await;
            if batch.is_empty() {
                return;
            }
            let count = batch.len();
            self.process(batch).await;
            pending.fetch_sub(count, Ordering::Relaxed);
        }
    }

    /// Waits for a record, and then for more until the batch is full or its window ends. The window began when the record was
    /// read, also if it has waited here for the batch before. Empty when the reader has ended.
    async fn gather(&self, records: &mut mpsc::Receiver<StreamRecord>) -> Vec<StreamRecord> {
        let (mut batch, size) = (Vec::new(), self.mapping.batch_size);
        records.recv_many(&mut batch, size).await;
        let window = i64::from(self.mapping.batching_window_seconds) * 1000;
        let until = batch.first().map_or(0, |first| first.read_at + window);
        while !batch.is_empty() && batch.len() < size && window > 0 {
            let capacity = size - batch.len();
            tokio::select! {
                biased; // what has come in time is in the batch
                more = records.recv_many(&mut batch, capacity) => if more == 0 { break },
                () = self.clock.sleep_until(until) => break,
            }
        }
        batch
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

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Poll;

    use futures::poll;

    use super::*;
    use crate::lambda::FunctionConfig;

    /// Longer than this test takes on a busy machine.
    const WINDOW: u32 = 3600;

    fn processor(size: usize, window: u32) -> StreamBatchProcessor {
        let mapping = json!({ "Stream": "table/Things/stream/latest", "StartingPosition": "LATEST", "BatchSize": size,
            "MaximumBatchingWindowInSeconds": window });
        StreamBatchProcessor {
            function: Function::new(FunctionConfig::default()),
            clock: Clock::new(),
            mapping: Arc::new(serde_json::from_value(mapping).expect("a mapping")),
            on_failure: None,
        }
    }

    fn record(sequence: &str, read_at: i64) -> StreamRecord {
        StreamRecord { sequence: sequence.to_owned(), written_at: read_at, read_at, json: Value::Null }
    }

    fn sequences(batch: &[StreamRecord]) -> Vec<&str> {
        batch.iter().map(|record| record.sequence.as_str()).collect()
    }

    #[tokio::test]
    async fn a_batch_waits_for_more_records_until_its_window_ends() {
        let (processor, (sender, mut records)) = (processor(10, WINDOW), mpsc::channel(10));
        let clock = processor.clock.clone();
        sender.send(record("1", clock.now())).await.expect("a place");
        let mut batch = pin!(processor.gather(&mut records));
        assert!(poll!(&mut batch).is_pending());
        clock.advance(Duration::from_secs(u64::from(WINDOW) / 2)).expect("the clock");
        sender.send(record("2", clock.now())).await.expect("a place");
        assert!(poll!(&mut batch).is_pending(), "the second record does not begin the window again");
        clock.advance(Duration::from_secs(u64::from(WINDOW) / 2)).expect("the clock");
        assert_eq!(sequences(&batch.await), ["1", "2"]);
    }

    #[tokio::test]
    async fn a_full_batch_waits_for_nothing() {
        let (processor, (sender, mut records)) = (processor(2, WINDOW), mpsc::channel(10));
        for sequence in ["1", "2", "3"] {
            sender.send(record(sequence, processor.clock.now())).await.expect("a place");
        }
        let Poll::Ready(batch) = poll!(pin!(processor.gather(&mut records))) else { panic!("the batch is full") };
        assert_eq!(sequences(&batch), ["1", "2"]);
        assert!(poll!(pin!(processor.gather(&mut records))).is_pending(), "the third begins a window of its own");
    }

    #[tokio::test]
    async fn a_record_that_waited_for_the_batch_before_has_spent_its_window() {
        let (processor, (sender, mut records)) = (processor(10, WINDOW), mpsc::channel(10));
        let read_at = processor.clock.now();
        processor.clock.advance(Duration::from_secs(u64::from(WINDOW))).expect("the clock");
        sender.send(record("1", read_at)).await.expect("a place");
        sender.send(record("2", processor.clock.now())).await.expect("a place");
        let Poll::Ready(batch) = poll!(pin!(processor.gather(&mut records))) else { panic!("the window is over") };
        assert_eq!(sequences(&batch), ["1", "2"]);
    }

    #[tokio::test]
    async fn without_a_window_a_record_is_a_batch_at_once() {
        let (processor, (sender, mut records)) = (processor(10, 0), mpsc::channel(10));
        sender.send(record("1", processor.clock.now())).await.expect("a place");
        let Poll::Ready(batch) = poll!(pin!(processor.gather(&mut records))) else { panic!("there is no window") };
        assert_eq!(sequences(&batch), ["1"]);
        drop(sender);
        assert_eq!(sequences(&processor.gather(&mut records).await).len(), 0, "the reader has ended");
    }
}
