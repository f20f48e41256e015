//! A queue of the server under test, with what tests do to it in one call each.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::operation::send_message::SendMessageOutput;
use aws_sdk_sqs::operation::send_message::builders::SendMessageFluentBuilder;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use std::time::Instant;

use crate::sqs::target::{Target, code, named};

/// One queue.
pub struct Queue {
    /// The client of its server.
    pub client: Client,
    /// Its URL.
    pub url: String,
}

impl Queue {
    /// The queue behind a URL.
    pub fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// A SendMessage to this queue, to be completed.
    pub fn sending(&self, body: &str) -> SendMessageFluentBuilder {
        self.client.send_message().queue_url(&self.url).message_body(body)
    }

    /// Sends a message.
    pub async fn send(&self, body: &str) -> SendMessageOutput {
        self.sending(body).send().await.expect("the server answers")
    }

    /// Sends a message of a group; its body is its deduplication id.
    pub async fn send_to(&self, group: &str, body: &str) -> SendMessageOutput {
        let message = self.sending(body).message_group_id(group);
        message.message_deduplication_id(body).send().await.expect("the server answers")
    }

    /// Receives the available messages, at most `max`.
    pub async fn receive(&self, max: i32) -> Vec<Message> {
        self.receive_for(max, 0, None).await
    }

    /// Receives messages with all their attributes, with a wait time and a visibility timeout in seconds.
    pub async fn receive_for(&self, max: i32, wait: i32, visibility: Option<i32>) -> Vec<Message> {
        let request = self.client.receive_message().queue_url(&self.url).max_number_of_messages(max);
        let request = request
            .wait_time_seconds(wait)
            .set_visibility_timeout(visibility)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        request.send().await.expect("the server answers").messages.unwrap_or_default()
    }

    /// Receives until there are this many messages.
    pub async fn receive_all(&self, count: usize) -> Vec<Message> {
        let deadline = Target::deadline();
        let mut all = Vec::new();
        while all.len() < count {
            assert!(Instant::now() < deadline, "{count} messages come, not only {}", all.len());
            all.extend(self.receive_for(10, 1, None).await);
        }
        assert_eq!(all.len(), count, "no more messages come");
        all
    }

    /// Receives the one message that is or becomes available.
    pub async fn receive_one(&self) -> Message {
        self.receive_all(1).await.remove(0)
    }

    /// Deletes a received message; returns the error's code if that fails.
    pub async fn delete(&self, message: &Message) -> Result<(), String> {
        let request = self.client.delete_message().queue_url(&self.url);
        let deleted = request.set_receipt_handle(message.receipt_handle.clone()).send().await;
        deleted.map(drop).map_err(|error| code(&error))
    }

    /// Changes the visibility timeout of a received message; returns the error's code if that fails.
    pub async fn change_visibility(&self, message: &Message, seconds: i32) -> Result<(), String> {
        let request = self.client.change_message_visibility().queue_url(&self.url);
        let request = request.set_receipt_handle(message.receipt_handle.clone());
        let changed = request.visibility_timeout(seconds).send().await;
        changed.map(drop).map_err(|error| code(&error))
    }

    /// An attribute's value; empty if there is none.
    pub async fn attribute(&self, name: &str) -> String {
        let name = QueueAttributeName::from(name);
        let request = self.client.get_queue_attributes().queue_url(&self.url);
        let output = request.attribute_names(name.clone()).send().await.expect("the server answers");
        output.attributes.unwrap_or_default().remove(&name).unwrap_or_default()
    }

    /// Sets attributes; returns the error's code if that fails.
    pub async fn set(&self, attributes: &[(&str, &str)]) -> Result<(), String> {
        let request = self.client.set_queue_attributes().queue_url(&self.url);
        let set = request.set_attributes(Some(named(attributes))).send().await;
        set.map(drop).map_err(|error| code(&error))
    }

    /// How many messages are visible, in flight and delayed.
    pub async fn counts(&self) -> [String; 3] {
        [
            self.attribute("ApproximateNumberOfMessages").await,
            self.attribute("ApproximateNumberOfMessagesNotVisible").await,
            self.attribute("ApproximateNumberOfMessagesDelayed").await,
        ]
    }

    /// The RedrivePolicy that names this queue.
    pub async fn as_dead_letter_queue(&self, max_receives: u32) -> String {
        let arn = self.attribute("QueueArn").await;
        format!(r#"{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": {max_receives}}}"#)
    }
}

/// The messages' bodies.
pub fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().filter_map(Message::body).collect()
}

/// A system attribute of a message; empty if it has none.
pub fn system(message: &Message, name: &str) -> String {
    let attributes = message.attributes.as_ref();
    let value = attributes.and_then(|attributes| attributes.get(&MessageSystemAttributeName::from(name)));
    value.cloned().unwrap_or_default()
}
