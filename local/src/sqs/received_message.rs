//! A received message in the wire format, with the attributes that the receive requested.

use std::collections::HashMap;

use rustack_sqs_model::types::Message as WireMessage;

use super::message::{Message, attributes_md5};
use super::receive::ReceivedMessage;

/// The attributes that a receive requests.
#[derive(Clone, Debug, Default)]
pub struct RequestedAttributes {
    /// MessageSystemAttributeNames: names, or `All`.
    pub system: Vec<String>,
    /// MessageAttributeNames: names, prefixes (`order.*`), or `All` (`.*`).
    pub user: Vec<String>,
}

impl RequestedAttributes {
    /// The message in the wire format, with its handle and the requested attributes.
    pub fn to_wire(&self, (handle, message): ReceivedMessage, account: &str) -> WireMessage {
        let attributes = self.system_attributes(&message, account);
        let Message { id, body, body_md5, attributes: mut message_attributes, .. } = message;
        message_attributes.retain(|name, _| self.user.iter().any(|requested| matches_name(requested, name)));
        WireMessage {
            message_id: Some(id),
            receipt_handle: Some(handle),
            body: Some(body),
            md5_of_body: Some(body_md5),
            md5_of_message_attributes: attributes_md5(&message_attributes),
            message_attributes,
            attributes,
        }
    }

    fn system_attributes(&self, message: &Message, account: &str) -> HashMap<String, String> {
        if self.system.is_empty() {
            return HashMap::new();
        }
        let all = [
            ("ApproximateFirstReceiveTimestamp", message.first_received_at.map(|at| at.to_string())),
            ("ApproximateReceiveCount", Some(message.receive_count.to_string())),
            ("AWSTraceHeader", message.trace_header.clone()),
            ("DeadLetterQueueSourceArn", message.dead_letter_source_arn.clone()),
            ("MessageDeduplicationId", message.deduplication_id.clone()),
            ("MessageGroupId", message.group_id.as_deref().map(ToOwned::to_owned)),
            ("SenderId", Some(account.to_owned())),
            ("SentTimestamp", Some(message.sent_at.to_string())),
            ("SequenceNumber", message.sequence_number.clone()),
        ];
        let is_requested = |name: &str| self.system.iter().any(|requested| requested == name || requested == "All");
        let requested = all.into_iter().filter(|(name, _)| is_requested(name));
        requested.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

fn matches_name(requested: &str, name: &str) -> bool {
    match requested.strip_suffix(".*") {
        Some(prefix) => name.starts_with(prefix),
        None => requested == "All" || requested == name,
    }
}
