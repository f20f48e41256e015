//! One lane of a stream: batches in order, retried until they succeed or are given up (AWS Lambda developer guide,
//! "Using Lambda with Amazon DynamoDB").

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::Client;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::failed_items;
use super::stream::{StreamRecord, Unfinished};
use crate::clock::Clock;
use crate::lambda::Function;

/// The first wait before a batch is tried again; it doubles from there.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest wait between two tries.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// Brings records to the function. Each lane has a clone.
#[derive(Clone)]
pub struct Lane {
    /// The function.
    pub function: Function,
    /// The stack's clock.
    pub clock: Clock,
    /// The most records of one batch.
    pub batch_size: usize,
    /// Whether the function says which record has failed.
    pub reports_batch_item_failures: bool,
    /// Whether a batch that failed is cut in two.
    pub bisects: bool,
    /// How often a batch is tried again.
    pub max_retries: Option<u64>,
    /// The age after which a record is given up.
    pub max_age: Option<Duration>,
    /// Where records that were given up are named: a client and a queue's address.
    pub on_failure: Option<(Client, String)>,
}

impl Lane {
    /// Takes records until the reader ends.
    pub async fn run(self, mut records: mpsc::Receiver<StreamRecord>, unfinished: Arc<Unfinished>) {
        let mut batch = Vec::new();
        while records.recv_many(&mut batch, self.batch_size).await > 0 {
            let done: Vec<String> = batch.iter().map(|record| record.sequence.clone()).collect();
            self.process(std::mem::take(&mut batch)).await;
            for sequence in &done {
                unfinished.remove(sequence);
            }
        }
    }

    async fn process(&self, batch: Vec<StreamRecord>) {
        let mut batches = vec![batch]; // the next one is the last
        while let Some(batch) = batches.pop() {
            let Some(failed) = self.try_until_over(batch).await else {
                continue;
            };
            let (first, second) = failed.split_at(failed.len() / 2);
            batches.extend([second.to_vec(), first.to_vec()]);
        }
    }

    /// Nothing when the batch is done; what is left of it when it is to be cut in two.
    async fn try_until_over(&self, mut batch: Vec<StreamRecord>) -> Option<Vec<StreamRecord>> {
        let mut tries = 0;
        loop {
            let left = self.invoke(&batch).await;
            if left == 0 {
                return None;
            }
            let whole = left == batch.len();
            batch.drain(..batch.len() - left);
            if self.bisects && whole && batch.len() > 1 {
                return Some(batch);
            }
            tries += 1;
            if let Some(condition) = self.is_over(&batch, tries) {
                self.give_up(&batch, condition, tries).await;
                return None;
            }
            let wait = FIRST_WAIT.saturating_mul(1 << tries.min(10)).min(MAX_WAIT);
            self.clock.sleep_until(self.clock.now() + wait.as_millis() as i64).await;
        }
    }

    /// How many records, the last ones, are left to do.
    async fn invoke(&self, batch: &[StreamRecord]) -> usize {
        let records: Vec<&Value> = batch.iter().map(|record| &record.json).collect();
        let answer = self.function.invoke(Bytes::from(json!({ "Records": records }).to_string())).await;
        let answer = match answer {
            Ok(_) if !self.reports_batch_item_failures => return 0,
            Ok(answer) => answer,
            Err(error) => {
                eprintln!("{}: a batch of {} failed: {error}", self.function.name(), batch.len());
                return batch.len();
            }
        };
        let position = |id: &str| batch.iter().position(|record| record.sequence == id);
        match failed_items(&answer, |id| position(id).is_some()) {
            // Everything before the lowest sequence number is done.
            Some(failed) => failed.iter().filter_map(|id| position(id)).min().map_or(0, |first| batch.len() - first),
            None => batch.len(),
        }
    }

    fn is_over(&self, batch: &[StreamRecord], tries: u64) -> Option<&'static str> {
        let oldest = batch.first().map_or(0, |record| record.written_at);
        let age = u64::try_from(self.clock.now() - oldest).unwrap_or_default();
        if self.max_age.is_some_and(|most| Duration::from_millis(age) > most) {
            return Some("RecordAgeExceeded");
        }
        self.max_retries.filter(|most| tries > *most).map(|_| "RetryAttemptsExhausted")
    }

    /// Names the records in the on-failure queue and lets the lane go on.
    async fn give_up(&self, batch: &[StreamRecord], condition: &str, tries: u64) {
        eprintln!("{}: {} records were given up: {condition}", self.function.name(), batch.len());
        let (Some((sqs, url)), [first, ..], [.., last]) = (&self.on_failure, batch, batch) else {
            return;
        };
        let told = json!({
            "requestContext": {
                "requestId": Uuid::new_v4().to_string(),
                "functionArn": self.function.name(),
                "condition": condition,
                "approximateInvokeCount": tries,
            },
            "version": "1.0",
            "DDBStreamBatchInfo": {
                "startSequenceNumber": first.sequence,
                "endSequenceNumber": last.sequence,
                "batchSize": batch.len(),
            },
        });
        if let Err(error) = sqs.send_message().queue_url(url).message_body(told.to_string()).send().await {
            eprintln!("{}: the on-failure queue did not answer: {error}", self.function.name());
        }
    }
}
