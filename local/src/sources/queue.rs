//! A queue as an event source: receive, invoke, delete what succeeded (AWS Lambda developer guide, "Using Lambda with
//! Amazon SQS").

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout_at};

use super::{Filters, failed_items};
use crate::lambda::Function;
use crate::template::{ACCOUNT, QueueSource, REGION};

/// The most messages of one receive (Amazon SQS, ReceiveMessage).
const MAX_RECEIVE: usize = 10;
/// How long a receive waits for messages, in seconds: SQS's longest.
const LONG_POLL: i32 = 20;
/// How long a poller rests after a queue that did not answer.
const REST: Duration = Duration::from_millis(100);

/// Brings a queue's messages to a function.
pub struct QueuePoller {
    /// The client of the queue's server.
    pub sqs: Client,
    /// The queue's address.
    pub queue_url: String,
    /// The function.
    pub function: Function,
    /// What the template says.
    pub source: QueueSource,
    /// Which messages the function wants.
    pub filters: Filters,
}

impl QueuePoller {
    /// Receives and invokes until it is dropped. Several run side by side.
    pub async fn run(self: Arc<Self>) {
        loop {
            match self.receive().await {
                Ok(messages) if messages.is_empty() => {}
                Ok(messages) => self.handle(messages).await,
                Err(()) => sleep(REST).await,
            }
        }
    }

    /// A batch: what one receive gives, and more while there is more room and time for it.
    async fn receive(&self) -> Result<Vec<Message>, ()> {
        let mut batch = self.receive_once(self.source.batch_size, LONG_POLL).await?;
        let until = Instant::now() + self.source.window;
        while !batch.is_empty() && batch.len() < self.source.batch_size && !self.source.window.is_zero() {
            let room = self.source.batch_size - batch.len();
            match timeout_at(until, self.receive_once(room, 1)).await {
                Ok(Ok(more)) => batch.extend(more),
                Ok(Err(())) | Err(_) => break,
            }
        }
        Ok(batch)
    }

    async fn receive_once(&self, room: usize, wait: i32) -> Result<Vec<Message>, ()> {
        let request = self
            .sqs
            .receive_message()
            .queue_url(&self.queue_url)
            .max_number_of_messages(i32::try_from(room.min(MAX_RECEIVE)).unwrap_or(1))
            .wait_time_seconds(wait)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        Ok(request.send().await.map_err(drop)?.messages.unwrap_or_default())
    }

    async fn handle(&self, messages: Vec<Message>) {
        let (wanted, unwanted): (Vec<_>, Vec<_>) =
            messages.into_iter().partition(|message| self.filters.pass(&filtered(message, &self.source.queue)));
        self.delete(&unwanted).await;
        if wanted.is_empty() {
            return;
        }
        let records: Vec<Value> = wanted.iter().map(|message| record(message, &self.source.queue)).collect();
        let event = Bytes::from(json!({ "Records": records }).to_string());
        match self.function.invoke(event).await {
            Ok(answer) => self.delete(&self.succeeded(wanted, &answer)).await,
            // They are seen again after the queue's visibility time-out.
            Err(error) => eprintln!("{}: a batch of {} failed: {error}", self.function.name(), wanted.len()),
        }
    }

    fn succeeded(&self, messages: Vec<Message>, answer: &[u8]) -> Vec<Message> {
        if !self.source.reports_batch_item_failures {
            return messages;
        }
        let is_known = |id: &str| messages.iter().any(|message| message.message_id() == Some(id));
        let Some(failed) = failed_items(answer, is_known) else {
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
            drop(request.set_entries(Some(entries.collect())).send().await); // else they come again
        }
    }
}

fn record(message: &Message, queue: &str) -> Value {
    let attributes = message.attributes.iter().flatten();
    let attributes: serde_json::Map<_, _> =
        attributes.map(|(name, value)| (name.as_str().to_owned(), json!(value))).collect();
    json!({
        "messageId": message.message_id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": message_attributes(message),
        "md5OfBody": message.md5_of_body,
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"),
        "awsRegion": REGION,
    })
}

fn message_attributes(message: &Message) -> Value {
    let attributes = message.message_attributes.iter().flatten();
    let attributes = attributes
        .map(|(name, value)| (name.clone(), json!({ "dataType": value.data_type, "stringValue": value.string_value })));
    Value::Object(attributes.collect())
}

/// What patterns look at: a body that is JSON is seen as JSON.
fn filtered(message: &Message, queue: &str) -> Value {
    let mut record = record(message, queue);
    if let Some(body) = message.body().and_then(|body| serde_json::from_str(body).ok()) {
        record["body"] = body;
    }
    record
}
