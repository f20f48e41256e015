//! What the queues between the functions have in common.

use aws_sdk_sqs::error::DisplayErrorContext;
use serde::Serialize;

/// A queue that did not answer. Whether it took the message is not known.
#[derive(Debug, thiserror::Error)]
#[error("SQS: {0}")]
pub struct QueueError(String);

impl QueueError {
    /// A failure of the SDK with all its causes.
    pub fn of(error: impl std::error::Error) -> Self {
        Self(DisplayErrorContext(error).to_string())
    }
}

/// The body of one of our own queue messages. SQS takes every character that XML 1.0 allows (SendMessage, MessageBody), which
/// leaves out two that JSON does not escape and a customer may send; the others that it leaves out JSON escapes anyway.
///
/// # Panics
/// Never: our own queue messages serialize.
pub fn json(body: &impl Serialize) -> String {
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
    fn a_body_has_only_characters_that_sqs_takes_and_says_what_it_said() {
        let every: String = (0..=0xffff).filter_map(char::from_u32).chain(['\u{1fffe}', '\u{10ffff}']).collect();
        let body = json(&every);
        let is_taken = |char: char| matches!(char, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
        assert_eq!(body.chars().find(|char| !is_taken(*char)), None);
        assert_eq!(serde_json::from_str::<String>(&body).expect("JSON"), every);
    }
}
