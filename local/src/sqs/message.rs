//! A message as a queue stores it, its size, and the MD5 digests by which SDKs verify it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rustack_sqs_model::types::{MessageAttributeValue, MessageSystemAttributeValue};

pub type MessageAttributes = HashMap<String, MessageAttributeValue>;

#[derive(Clone, Debug, Default)]
pub struct Message {
    /// The MessageId, which stays the same in a dead-letter queue.
    pub id: String,
    pub body: String,
    pub body_md5: String,
    pub attributes: MessageAttributes,
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
    pub message_id: String,
    pub sequence_number: Option<String>,
}

/// The MD5 of a text in hexadecimal.
pub fn md5_hex(text: &str) -> String {
    format!("{:x}", md5::compute(text))
}

/// The MD5 of attributes as SQS defines it: sorted by name, each part prefixed with its length; none without attributes.
pub fn attributes_md5(attributes: &MessageAttributes) -> Option<String> {
    let sorted: BTreeMap<_, _> = attributes.iter().collect();
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

/// The MD5 of a message's system attributes, computed like that of the user attributes.
pub fn system_attributes_md5(attributes: &HashMap<String, MessageSystemAttributeValue>) -> Option<String> {
    let as_user_attribute = |value: &MessageSystemAttributeValue| MessageAttributeValue {
        data_type: value.data_type.clone(),
        string_value: value.string_value.clone(),
        binary_value: value.binary_value.clone(),
    };
    let attributes = attributes.iter().map(|(name, value)| (name.clone(), as_user_attribute(value)));
    attributes_md5(&attributes.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digests_of_attributes_and_of_a_trace_header_are_the_ones_aws_answers() {
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
        let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
        let value = MessageSystemAttributeValue {
            data_type: "String".into(),
            string_value: Some(header.into()),
            binary_value: None,
        };
        let digest = system_attributes_md5(&HashMap::from([("AWSTraceHeader".into(), value)]));
        assert_eq!(digest.as_deref(), Some("5ae4d5d7636402d80f4eb6d213245a88"));
    }
}
