//! The checks that SQS makes on the parameters of SendMessage and of a SendMessageBatch entry.

use aws_lc_rs::digest::{SHA256, digest};
use rustack_sqs_model::input::SendMessageInput;
use rustack_sqs_model::types::{MessageAttributeValue, QueueAttributeName as Name};

use super::error::SqsError;
use super::limits::{MAX_DELAY, WRONG_QUEUE_TYPE};
use super::message::MessageAttributes;
use super::queue_attributes::QueueAttributes;

/// A message's size in bytes as SQS counts it: the body, and the name, type and value of each attribute.
pub fn size(request: &SendMessageInput) -> usize {
    let attribute_size = |(name, value): (&String, &MessageAttributeValue)| {
        let text = value.string_value.as_ref().map_or(0, String::len);
        let binary = value.binary_value.as_ref().map_or(0, Vec::len);
        name.len() + value.data_type.len() + text + binary
    };
    request.message_body.len() + request.message_attributes.iter().map(attribute_size).sum::<usize>()
}

/// Checks that a message for a FIFO queue has a message group and a deduplication id.
/// Fails with `MissingParameter` without a group, `InvalidParameterValue` without a deduplication id.
pub fn check_fifo_parameters(request: &SendMessageInput, queue: &QueueAttributes) -> Result<(), SqsError> {
    if !queue.is_fifo {
        return Ok(());
    }
    if request.message_group_id.is_none() {
        return Err(SqsError::MissingParameter("MessageGroupId".into()));
    }
    if request.message_deduplication_id.is_none() && !queue.is(Name::ContentBasedDeduplication, "true") {
        let message = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId \
                       provided explicitly";
        return Err(SqsError::InvalidParameterValue(message.into()));
    }
    Ok(())
}

/// Checks that the queue accepts the message.
pub fn check(request: &SendMessageInput, queue: &QueueAttributes) -> Result<(), SqsError> {
    check_fifo_parameters(request, queue)?;
    if request.message_body.is_empty() {
        return Err(SqsError::MissingParameter("MessageBody".into()));
    }
    if !request.message_body.chars().all(is_allowed) {
        return Err(SqsError::InvalidMessageContents);
    }
    let max = queue.number(Name::MaximumMessageSize);
    if i64::try_from(size(request)).is_ok_and(|size| size > max) {
        let message = format!("One or more parameters are invalid. Reason: Message must be shorter than {max} bytes.");
        return Err(SqsError::InvalidParameterValue(message));
    }
    check_delay(request.delay_seconds.unwrap_or_default(), queue)?;
    check_identifier("MessageGroupId", request.message_group_id.as_deref())?;
    check_identifier("MessageDeduplicationId", request.message_deduplication_id.as_deref())?;
    if let Some(id) = request.message_deduplication_id.as_ref().filter(|_| !queue.is_fifo) {
        return Err(SqsError::invalid_value("MessageDeduplicationId", id, WRONG_QUEUE_TYPE));
    }
    check_attributes(&request.message_attributes)
}

fn check_delay(delay: i32, queue: &QueueAttributes) -> Result<(), SqsError> {
    let invalid = |reason| Err(SqsError::invalid_value("DelaySeconds", delay, reason));
    match i64::from(delay) {
        0 => Ok(()),
        _ if queue.is_fifo => invalid(WRONG_QUEUE_TYPE),
        1..=MAX_DELAY => Ok(()),
        _ => invalid("DelaySeconds must be >= 0 and <= 900."),
    }
}

/// The deduplication id: the given one, or on FIFO queues the body's SHA-256 in hexadecimal.
pub fn deduplication_id(request: &SendMessageInput, queue: &QueueAttributes) -> Option<String> {
    let content_based = || queue.is_fifo.then(|| hex::encode(digest(&SHA256, request.message_body.as_bytes())));
    request.message_deduplication_id.clone().or_else(content_based)
}

/// The characters of XML 1.0.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Checks a message group id, deduplication id or attempt id: 1 to 128 letters, digits and punctuation marks.
pub fn check_identifier(parameter: &str, id: Option<&str>) -> Result<(), SqsError> {
    let is_valid = |id: &str| (1..=128).contains(&id.len()) && id.chars().all(|character| character.is_ascii_graphic());
    if let Some(id) = id.filter(|id| !is_valid(id)) {
        let reason =
            format!("{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.");
        return Err(SqsError::invalid_value(parameter, id, &reason));
    }
    Ok(())
}

fn check_attributes(attributes: &MessageAttributes) -> Result<(), SqsError> {
    let invalid = |message: String| Err(SqsError::InvalidParameterValue(message));
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
    let is_number = kind != "Number" || text.parse::<f64>().is_ok();
    !text.is_empty() && is_number && text.chars().all(is_allowed)
}
