//! The event source mapping of a queue: receives messages, invokes the function and deletes the messages that succeeded
//! (AWS Lambda developer guide, "Using Lambda with Amazon SQS").

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout_at};

use super::batch_response::failed_items;
use super::filter_criteria::FilterCriteria;
use super::mapping::SqsMapping;
use crate::aws::{ACCOUNT_ID, REGION};
use crate::lambda::function::Function;

/// The most messages of one receive (Amazon SQS API reference, ReceiveMessage).
const MAX_RECEIVE: usize = 10;
/// The wait time of a receive in seconds: the longest that SQS allows.
const LONG_POLL: i32 = 20;
/// The wait after a failed receive.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// Polls a queue and invokes a function with its messages.
pub struct SqsPoller {
    pub sqs: Client,
    pub queue_url: String,
    pub function: Function,
    pub mapping: SqsMapping,
    pub filters: FilterCriteria,
}

impl SqsPoller {
    /// Polls until it is dropped. Several pollers of a queue run concurrently.
    pub async fn run(self: Arc<Self>) {
        loop {
            match self.receive().await {
                Ok(messages) if messages.is_empty() => {}
                Ok(messages) => self.handle(messages).await,
                Err(()) => sleep(RETRY_DELAY).await,
            }
        }
    }

    /// Receives a batch: the messages of one receive, and more until the batch is full or the batching window ends.
    async fn receive(&self) -> Result<Vec<Message>, ()> {
        let mut batch = self.receive_once(self.mapping.batch_size, LONG_POLL).await?;
        let window = Duration::from_secs(self.mapping.batching_window_seconds);
        let until = Instant::now() + window;
        while !batch.is_empty() && batch.len() < self.mapping.batch_size && !window.is_zero() {
            let capacity = self.mapping.batch_size - batch.len();
            match timeout_at(until, self.receive_once(capacity, 1)).await {
                Ok(Ok(more)) => batch.extend(more),
                Ok(Err(())) | Err(_) => break,
            }
        }
        Ok(batch)
    }

    async fn receive_once(&self, max: usize, wait_time: i32) -> Result<Vec<Message>, ()> {
        let request = self
            .sqs
            .receive_message()
            .queue_url(&self.queue_url)
            .max_number_of_messages(i32::try_from(max.min(MAX_RECEIVE)).unwrap_or(1))
            .wait_time_seconds(wait_time)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        Ok(request.send().await.map_err(drop)?.messages.unwrap_or_default())
    }

    async fn handle(&self, messages: Vec<Message>) {
        let (matching, filtered_out): (Vec<_>, Vec<_>) =
            messages.into_iter().partition(|message| self.filters.matches(&filter_input(message, &self.mapping.queue)));
        self.delete(&filtered_out).await;
        if matching.is_empty() {
            return;
        }
        let records: Vec<Value> = matching.iter().map(|message| record(message, &self.mapping.queue)).collect();
        let event = Bytes::from(json!({ "Records": records }).to_string());
        match self.function.invoke(event).await {
            Ok(response) => self.delete(&self.succeeded(matching, &response)).await,
            // The messages become visible again after the queue's visibility timeout.
            Err(error) => eprintln!("{}: a batch of {} messages failed: {error}", self.function.name(), matching.len()),
        }
    }

    fn succeeded(&self, messages: Vec<Message>, response: &[u8]) -> Vec<Message> {
        if self.mapping.function_response_types.is_empty() {
            return messages;
        }
        let is_in_batch = |id: &str| messages.iter().any(|message| message.message_id() == Some(id));
        let Some(failed) = failed_items(response, is_in_batch) else {
            return Vec::new();
        };
        let has_failed = |message: &Message| failed.iter().any(|id| message.message_id() == Some(id));
        messages.into_iter().filter(|message| !has_failed(message)).collect()
    }

    async fn delete(&self, messages: &[Message]) {
        for chunk in messages.chunks(MAX_RECEIVE) {
            let entries = chunk.iter().enumerate().filter_map(|(position, message)| {
                let entry = DeleteMessageBatchRequestEntry::builder().id(position.to_string());
                entry.set_receipt_handle(message.receipt_handle.clone()).build().ok()
            });
            let request = self.sqs.delete_message_batch().queue_url(&self.queue_url);
            drop(request.set_entries(Some(entries.collect())).send().await); // undeleted messages are received again
        }
    }
}

fn record(message: &Message, queue: &str) -> Value {
    let system = message.attributes.iter().flatten().map(|(name, value)| (name.as_str(), value));
    let user = message
        .message_attributes
        .iter()
        .flatten()
        .map(|(name, value)| (name, json!({ "dataType": value.data_type, "stringValue": value.string_value })));
    json!({
        "messageId": message.message_id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": system.collect::<BTreeMap<_, _>>(),
        "messageAttributes": user.collect::<BTreeMap<_, _>>(),
        "md5OfBody": message.md5_of_body,
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{queue}"),
        "awsRegion": REGION,
    })
}

/// The record that filter patterns are matched with: a body that is JSON counts as JSON.
fn filter_input(message: &Message, queue: &str) -> Value {
    let mut record = record(message, queue);
    if let Some(body) = message.body().and_then(|body| serde_json::from_str(body).ok()) {
        record["body"] = body;
    }
    record
}
