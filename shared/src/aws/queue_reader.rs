//! Reading a queue by calls of our own, where Lambda does not bring its messages, or not all of them.

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{self, DeleteMessageBatchRequestEntry, MessageSystemAttributeName, QueueAttributeName};

use crate::aws::environment::{self, EnvironmentError};
use crate::aws::sqs::{MAX_QUEUE_BATCH, QueueError};

/// A queue that is read.
#[derive(Clone, Debug)]
pub struct QueueReader {
    client: Client,
    url: String,
}

impl QueueReader {
    /// The queue whose URL is in an environment variable.
    pub fn from_environment(client: Client, variable: &'static str) -> Result<Self, EnvironmentError> {
        Ok(Self { client, url: environment::text(variable)? })
    }

    /// The queue with this URL.
    pub const fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// Receives a batch, as Lambda does for a function's invocation. Waits until there is a message, or for `wait`.
    pub async fn receive(&self, wait: Duration) -> Result<Vec<SqsMessage>, QueueError> {
        let most = i32::try_from(MAX_QUEUE_BATCH).unwrap_or(i32::MAX);
        let request = self.client.receive_message().queue_url(&self.url).max_number_of_messages(most);
        let request = request.wait_time_seconds(i32::try_from(wait.as_secs()).unwrap_or(i32::MAX));
        let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
        let received = request.send().await.map_err(QueueError::new)?.messages.unwrap_or_default();
        Ok(received.into_iter().map(as_lambda_does).collect())
    }

    /// Deletes received messages.
    pub async fn delete(&self, receipts: &[String]) -> Result<(), QueueError> {
        for chunk in receipts.chunks(MAX_QUEUE_BATCH) {
            let entries = chunk.iter().enumerate().map(|(position, receipt)| {
                let entry = DeleteMessageBatchRequestEntry::builder().id(position.to_string()).receipt_handle(receipt);
                entry.build().expect("id and receipt are set")
            });
            let request = self.client.delete_message_batch().queue_url(&self.url);
            request.set_entries(Some(entries.collect())).send().await.map_err(QueueError::new)?;
        }
        Ok(())
    }

    /// About how many messages can be received.
    pub async fn visible(&self) -> Result<u64, QueueError> {
        let name = QueueAttributeName::ApproximateNumberOfMessages;
        let request = self.client.get_queue_attributes().queue_url(&self.url).attribute_names(name.clone());
        let attributes = request.send().await.map_err(QueueError::new)?.attributes.unwrap_or_default();
        Ok(attributes.get(&name).and_then(|count| count.parse().ok()).unwrap_or_default())
    }
}

/// A received message as Lambda shows it to a function.
fn as_lambda_does(received: types::Message) -> SqsMessage {
    let attributes = received.attributes.into_iter().flatten();
    let mut message = SqsMessage::default();
    message.message_id = received.message_id;
    message.receipt_handle = received.receipt_handle;
    message.body = received.body;
    message.attributes = attributes.map(|(name, value)| (name.as_str().to_owned(), value)).collect();
    message
}
