//! A message as a queue keeps it, and the MD5 digests that SDKs check it with.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rustack_sqs_model::types::MessageAttributeValue;

/// A message's user attributes, by name.
pub type MessageAttributes = HashMap<String, MessageAttributeValue>;

/// One message.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// Its MessageId, which stays the same in a dead-letter queue.
    pub id: String,
    /// What was sent.
    pub body: String,
    /// The body's MD5, in hexadecimal.
    pub body_md5: String,
    /// The user's attributes.
    pub attributes: MessageAttributes,
    /// The AWSTraceHeader.
    pub trace_header: Option<String>,
    /// The MessageGroupId: an order on FIFO queues, a tenant on standard ones.
    pub group: Option<Arc<str>>,
    /// The MessageDeduplicationId, given or made from the body; FIFO queues only.
    pub deduplication_id: Option<String>,
    /// The SequenceNumber; FIFO queues only.
    pub sequence_number: Option<String>,
    /// When it was enqueued, in milliseconds since the epoch; retention counts from here.
    pub sent: i64,
    /// How often it was received, in a dead-letter queue too.
    pub receives: u32,
    /// When it was received first, in milliseconds since the epoch.
    pub first_received: Option<i64>,
    /// The ARN of the queue from which it came to a dead-letter queue.
    pub dead_letter_source: Option<String>,
}

/// The MD5 of a text, in hexadecimal.
pub fn md5_of(text: &str) -> String {
    format!("{:x}", md5::compute(text))
}

/// The MD5 of attributes as SQS defines it: by name, each part behind its length; none for no attributes.
pub fn md5_of_attributes<'a>(
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

/// A message's size in bytes as SQS counts it: the body, and of each attribute its name, type and value.
pub fn size_of(body: &str, attributes: &MessageAttributes) -> usize {
    let of_attribute = |(name, value): (&String, &MessageAttributeValue)| {
        let text = value.string_value.as_ref().map_or(0, String::len);
        let binary = value.binary_value.as_ref().map_or(0, Vec::len);
        name.len() + value.data_type.len() + text + binary
    };
    body.len() + attributes.iter().map(of_attribute).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_a_text_attribute_is_the_one_aws_answers() {
        let value = MessageAttributeValue {
            data_type: "String".into(),
            string_value: Some("There".into()),
            binary_value: None,
        };
        let digest = md5_of_attributes(&HashMap::from([("Hello".into(), value)]));
        assert_eq!(digest.as_deref(), Some("a311262e065454b75da111d535b8dacd"));
    }

    #[test]
    fn the_digest_of_a_binary_attribute_is_the_one_aws_answers() {
        let value = MessageAttributeValue {
            data_type: "Binary".into(),
            string_value: None,
            binary_value: Some(b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01".into()),
        };
        let digest = md5_of_attributes(&HashMap::from([("attr1".into(), value)]));
        assert_eq!(digest.as_deref(), Some("8cbe4db156db8a94db8b801b7addb984"));
    }
}
