//! What the queues between the functions share: errors, message bodies, and queues whose messages need nothing else.

use std::marker::PhantomData;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata};
use serde::Serialize;

use crate::aws::environment::{self, EnvironmentError};
use crate::ids::AccountId;

/// The most messages of one batch call, and of one receive (Amazon SQS, SendMessageBatch, ReceiveMessage).
pub const MAX_QUEUE_BATCH: usize = 10;
/// The longest delay of a message (Amazon SQS, SendMessage).
pub const MAX_QUEUE_DELAY: Duration = Duration::from_secs(900);
/// The errors of a message that SQS does not take: its characters, and its size (Amazon SQS, SendMessage).
const REFUSALS: [&str; 2] = ["InvalidMessageContents", "InvalidParameterValue"];

/// Why a queue did not take a message.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// It did not answer. Whether it accepted the message is not known.
    #[error("SQS: {0}")]
    Unavailable(String),
    /// It refuses the message for its size or its characters, and will refuse it again.
    #[error("SQS refuses the message: {0}")]
    Refused(String),
}

impl QueueError {
    /// An SDK error with all its causes.
    pub fn new(error: impl std::error::Error + ProvideErrorMetadata) -> Self {
        let is_refused = error.code().is_some_and(|code| REFUSALS.contains(&code));
        let text = DisplayErrorContext(error).to_string();
        if is_refused { Self::Refused(text) } else { Self::Unavailable(text) }
    }
}

/// A queue of messages of one type, without message groups or delays of their own.
pub struct Queue<T> {
    client: Client,
    url: String,
    messages: PhantomData<fn(&T)>,
}

impl<T: Serialize> Queue<T> {
    /// The queue whose URL is in an environment variable.
    pub fn from_environment(client: Client, variable: &'static str) -> Result<Self, EnvironmentError> {
        Ok(Self { client, url: environment::text(variable)?, messages: PhantomData })
    }

    /// Enqueues a message.
    pub async fn enqueue(&self, message: &T) -> Result<(), QueueError> {
        let request = self.client.send_message().queue_url(&self.url).message_body(message_body(message));
        request.send().await.map(drop).map_err(QueueError::new)
    }

    /// Enqueues a message of an account, whose messages take turns with those of others (SQS developer guide, "Fair queues").
    pub async fn enqueue_in_turn(&self, account: &AccountId, message: &T) -> Result<(), QueueError> {
        let request = self.client.send_message().queue_url(&self.url).message_body(message_body(message));
        request.message_group_id(account.as_str()).send().await.map(drop).map_err(QueueError::new)
    }
}

/// A message's delay as SQS takes it: whole seconds, rounded up, and no longer than it allows.
pub fn delay_seconds(delay: Duration) -> i32 {
    i32::try_from(delay.min(MAX_QUEUE_DELAY).as_millis().div_ceil(1000)).unwrap_or(i32::MAX)
}

/// Serializes the body of a queue message. SQS accepts the characters that XML 1.0 allows (SendMessage, MessageBody). Two
/// others, U+FFFE and U+FFFF, are escaped here, since JSON need not escape them; the rest JSON always escapes.
///
/// # Panics
/// Never: our own queue messages serialize.
pub fn message_body(body: &impl Serialize) -> String {
    let text = serde_json::to_string(body).expect("our own queue messages serialize");
    if text.contains(['\u{fffe}', '\u{ffff}']) {
        return text.replace('\u{fffe}', r"\ufffe").replace('\u{ffff}', r"\uffff");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_only_characters_that_sqs_accepts_and_reads_back_unchanged() {
        let every: String = (0..=0xffff).filter_map(char::from_u32).chain(['\u{1fffe}', '\u{10ffff}']).collect();
        let body = message_body(&every);
        let is_accepted = |char: char| matches!(char, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
        assert_eq!(body.chars().find(|char| !is_accepted(*char)), None);
        assert_eq!(serde_json::from_str::<String>(&body).expect("JSON"), every);
    }
}
