//! A message that someone wants to send, and whether SQS takes it.

use aws_lc_rs::digest::{SHA256, digest};
use std::collections::HashMap;

use rustack_sqs_model::input::SendMessageInput;
use rustack_sqs_model::types::{MessageAttributeValue, MessageSystemAttributeValue, SendMessageBatchRequestEntry};

use super::attributes::Attributes;
use super::error::{ErrorCode, SqsError};
use super::message::{MessageAttributes, size_of};

const OTHER_TYPE: &str = "The request include parameter that is not valid for this queue type.";

/// What a SendMessage request or an entry of a batch asks for.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// The MessageBody.
    pub body: String,
    /// The message's own DelaySeconds.
    pub delay_seconds: Option<i32>,
    /// The MessageGroupId.
    pub group: Option<String>,
    /// The MessageDeduplicationId.
    pub deduplication_id: Option<String>,
    /// The MessageAttributes.
    pub attributes: MessageAttributes,
    /// The MessageSystemAttributes, of which there is one: AWSTraceHeader.
    pub system_attributes: HashMap<String, MessageSystemAttributeValue>,
}

impl From<SendMessageInput> for Outgoing {
    fn from(input: SendMessageInput) -> Self {
        Self {
            body: input.message_body,
            delay_seconds: input.delay_seconds,
            group: input.message_group_id,
            deduplication_id: input.message_deduplication_id,
            attributes: input.message_attributes,
            system_attributes: input.message_system_attributes,
        }
    }
}

impl From<SendMessageBatchRequestEntry> for Outgoing {
    fn from(entry: SendMessageBatchRequestEntry) -> Self {
        Self {
            body: entry.message_body,
            delay_seconds: entry.delay_seconds,
            group: entry.message_group_id,
            deduplication_id: entry.message_deduplication_id,
            attributes: entry.message_attributes,
            system_attributes: entry.message_system_attributes,
        }
    }
}

impl Outgoing {
    /// The size in bytes that counts against limits.
    pub fn size(&self) -> usize {
        size_of(&self.body, &self.attributes)
    }

    /// What a FIFO queue needs to place the message: a batch with an entry that lacks it fails as a whole.
    ///
    /// # Errors
    ///
    /// `MissingParameter` without a group, `InvalidParameterValue` without a deduplication id.
    pub fn check_order(&self, queue: &Attributes) -> Result<(), SqsError> {
        if !queue.is_fifo {
            return Ok(());
        }
        if self.group.is_none() {
            return Err(SqsError::missing("MessageGroupId"));
        }
        if self.deduplication_id.is_none() && !queue.deduplicates_by_content() {
            let message = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId \
                           provided explicitly";
            return Err(SqsError::new(ErrorCode::InvalidParameterValue, message));
        }
        Ok(())
    }

    /// Whether the queue takes the message.
    ///
    /// # Errors
    ///
    /// The error that SQS answers with.
    pub fn check(&self, queue: &Attributes) -> Result<(), SqsError> {
        self.check_order(queue)?;
        if self.body.is_empty() {
            return Err(SqsError::missing("MessageBody"));
        }
        if !self.body.chars().all(is_allowed) {
            let message = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | \
                           #xE000 to #xFFFD | #x10000 to #x10FFFF";
            return Err(SqsError::new(ErrorCode::InvalidMessageContents, message));
        }
        let max = queue.max_message_size();
        if self.size() > max {
            let message =
                format!("One or more parameters are invalid. Reason: Message must be shorter than {max} bytes.");
            return Err(SqsError::new(ErrorCode::InvalidParameterValue, message));
        }
        self.check_delay(queue)?;
        check_id("MessageGroupId", self.group.as_deref())?;
        check_id("MessageDeduplicationId", self.deduplication_id.as_deref())?;
        if let Some(id) = self.deduplication_id.as_ref().filter(|_| !queue.is_fifo) {
            return Err(SqsError::invalid_value("MessageDeduplicationId", id, OTHER_TYPE));
        }
        check_attributes(&self.attributes)
    }

    fn check_delay(&self, queue: &Attributes) -> Result<(), SqsError> {
        match self.delay_seconds {
            Some(delay) if queue.is_fifo && delay != 0 => {
                Err(SqsError::invalid_value("DelaySeconds", delay, OTHER_TYPE))
            }
            Some(delay) if !(0..=900).contains(&delay) => {
                let reason = "DelaySeconds must be >= 0 and <= 900.";
                Err(SqsError::invalid_value("DelaySeconds", delay, reason))
            }
            _ => Ok(()),
        }
    }

    /// The deduplication id: the given one, or on FIFO queues the body's SHA-256 in hexadecimal.
    pub fn deduplication_id(&self, queue: &Attributes) -> Option<String> {
        let of_content = || queue.is_fifo.then(|| hex::encode(digest(&SHA256, self.body.as_bytes())));
        self.deduplication_id.clone().or_else(of_content)
    }
}

/// The characters of XML 1.0.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Group and deduplication ids are 1 to 128 letters, digits and punctuation marks.
pub fn check_id(parameter: &str, id: Option<&str>) -> Result<(), SqsError> {
    let is_valid = |id: &str| (1..=128).contains(&id.len()) && id.chars().all(|character| character.is_ascii_graphic());
    match id {
        Some(id) if !is_valid(id) => {
            let reason =
                format!("{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.");
            Err(SqsError::invalid_value(parameter, id, &reason))
        }
        _ => Ok(()),
    }
}

fn check_attributes(attributes: &MessageAttributes) -> Result<(), SqsError> {
    let invalid = |message: String| Err(SqsError::new(ErrorCode::InvalidParameterValue, message));
    if attributes.len() > 10 {
        let count = attributes.len();
        return invalid(format!("Number of message attributes [{count}] exceeds the allowed maximum [10]."));
    }
    for (name, value) in attributes {
        let kind = value.data_type.split('.').next().unwrap_or_default();
        if !is_attribute_name(name) {
            return invalid(format!("Message (user) attribute name '{name}' is invalid."));
        }
        if !["String", "Number", "Binary"].contains(&kind) || value.data_type.len() > 256 {
            return invalid(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type \
                 prefixes is Binary, Number, and String."
            ));
        }
        if !has_value(kind, value) {
            return invalid(format!(
                "Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'."
            ));
        }
    }
    Ok(())
}

fn is_attribute_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    (1..=256).contains(&name.len())
        && name.chars().all(|character| character.is_alphanumeric() || "_-.".contains(character))
        && !["aws.", "amazon.", "."].iter().any(|prefix| lower.starts_with(prefix))
        && !name.ends_with('.')
        && !name.contains("..")
}

fn has_value(kind: &str, value: &MessageAttributeValue) -> bool {
    if kind == "Binary" {
        return value.binary_value.as_ref().is_some_and(|binary| !binary.is_empty());
    }
    let text = value.string_value.as_deref().unwrap_or_default();
    let is_of_kind = kind != "Number" || text.parse::<f64>().is_ok();
    !text.is_empty() && is_of_kind && text.chars().all(is_allowed)
}
