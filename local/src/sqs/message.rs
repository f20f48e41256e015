//! A message as a queue stores it, its size, and the MD5 digests by which SDKs verify it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rustack_sqs_model::types::MessageAttributeValue;

/// A message's user attributes by name.
pub type MessageAttributes = HashMap<String, MessageAttributeValue>;

/// A message.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// The MessageId, which stays the same in a dead-letter queue.
    pub id: String,
    /// The MessageBody.
    pub body: String,
    /// The body's MD5 in hexadecimal.
    pub body_md5: String,
    /// The user attributes.
    pub attributes: MessageAttributes,
    /// The AWSTraceHeader.
    pub trace_header: Option<String>,
    /// The MessageGroupId: FIFO queues keep order within it, standard queues are fair between its values.
    pub group_id: Option<Arc<str>>,
    /// The MessageDeduplicationId, given or derived from the body; FIFO queues only.
    pub deduplication_id: Option<String>,
    /// The SequenceNumber; FIFO queues only.
    pub sequence_number: Option<String>,
    /// When it was enqueued, in milliseconds since the epoch. The retention period counts from here.
    pub sent_at: i64,
    /// How often it was received, including receives from a dead-letter queue.
    pub receive_count: u32,
    /// When it was first received, in milliseconds since the epoch.
    pub first_received_at: Option<i64>,
    /// The ARN of the queue that moved it to a dead-letter queue.
    pub dead_letter_source_arn: Option<String>,
}

/// The result of sending a message, which its duplicates get too.
#[derive(Clone, Debug, Default)]
pub struct SendResult {
    /// The MessageId.
    pub message_id: String,
    /// The SequenceNumber.
    pub sequence_number: Option<String>,
}

/// The MD5 of a text in hexadecimal.
pub fn md5_hex(text: &str) -> String {
    format!("{:x}", md5::compute(text))
}

/// The MD5 of attributes as SQS defines it: sorted by name, each part prefixed with its length; none without attributes.
pub fn attributes_md5<'a>(
    attributes: impl IntoIterator<Item = (&'a String, &'a MessageAttributeValue)>,
) -> Option<String> {
    let sorted: BTreeMap<_, _> = attributes.into_iter().collect();
    if sorted.is_empty() {
        return None;
    }
    let mut digest = md5::Context::new();
    for (name, value) in sorted {
        consume_with_length(&mut digest, name.as_bytes());
        consume_with_length(&mut digest, value.data_type.as_bytes());
        if let Some(binary) = &value.binary_value {
            digest.consume([2]);
            consume_with_length(&mut digest, binary);
        } else {
            digest.consume([1]);
            let text = value.string_value.as_deref().unwrap_or_default();
            consume_with_length(&mut digest, text.as_bytes());
        }
    }
    Some(format!("{:x}", digest.compute()))
}

fn consume_with_length(digest: &mut md5::Context, part: &[u8]) {
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    digest.consume(length.to_be_bytes());
    digest.consume(part);
}

/// A message's size in bytes as SQS counts it: the body, and the name, type and value of each attribute.
pub fn message_size(body: &str, attributes: &MessageAttributes) -> usize {
    let attribute_size = |(name, value): (&String, &MessageAttributeValue)| {
        let text = value.string_value.as_ref().map_or(0, String::len);
        let binary = value.binary_value.as_ref().map_or(0, Vec::len);
        name.len() + value.data_type.len() + text + binary
    };
    body.len() + attributes.iter().map(attribute_size).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_an_attribute_is_the_one_aws_answers() {
        let trace = b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01";
        for (name, kind, text, binary, digest) in [
            ("Hello", "String", Some("There"), None, "a311262e065454b75da111d535b8dacd"),
            ("attr1", "Binary", None, Some(trace), "8cbe4db156db8a94db8b801b7addb984"),
        ] {
            let value = MessageAttributeValue {
                data_type: kind.into(),
                string_value: text.map(Into::into),
                binary_value: binary.map(|binary| binary.to_vec()),
            };
            assert_eq!(attributes_md5(&HashMap::from([(name.into(), value)])).as_deref(), Some(digest), "{name}");
        }
    }
}
