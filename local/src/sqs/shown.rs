//! A received message as the wire shows it: with the attributes that the receive asked for.

use std::collections::HashMap;

use rustack_sqs_model::types::{Message as ShownMessage, MessageAttributeValue, MessageSystemAttributeValue};

use super::message::{Message, MessageAttributes, md5_of_attributes};
use super::receiving::Received;

/// The attributes that a receive asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Names of system attributes, or `All`.
    pub system: Vec<String>,
    /// Names of user attributes, beginnings of names (`order.*`), or `All` (`.*`).
    pub user: Vec<String>,
}

impl Wanted {
    /// The message with its handle and the wanted attributes.
    pub fn show(&self, (handle, message): Received, account: &str) -> ShownMessage {
        let attributes = self.system_attributes(&message, account);
        let Message { id, body, body_md5, attributes: mut message_attributes, .. } = message;
        message_attributes.retain(|name, _| self.user.iter().any(|wanted| fits(wanted, name)));
        ShownMessage {
            message_id: Some(id),
            receipt_handle: Some(handle),
            body: Some(body),
            md5_of_body: Some(body_md5),
            md5_of_message_attributes: md5_of_attributes(&message_attributes),
            message_attributes,
            attributes,
        }
    }

    fn system_attributes(&self, message: &Message, account: &str) -> HashMap<String, String> {
        if self.system.is_empty() {
            return HashMap::new();
        }
        let all = [
            ("ApproximateFirstReceiveTimestamp", message.first_received.map(|at| at.to_string())),
            ("ApproximateReceiveCount", Some(message.receives.to_string())),
            ("AWSTraceHeader", message.trace_header.clone()),
            ("DeadLetterQueueSourceArn", message.dead_letter_source.clone()),
            ("MessageDeduplicationId", message.deduplication_id.clone()),
            ("MessageGroupId", message.group.as_deref().map(ToOwned::to_owned)),
            ("SenderId", Some(account.to_owned())),
            ("SentTimestamp", Some(message.sent.to_string())),
            ("SequenceNumber", message.sequence_number.clone()),
        ];
        let is_wanted = |name: &str| self.system.iter().any(|wanted| wanted == name || wanted == "All");
        let wanted = all.into_iter().filter(|(name, _)| is_wanted(name));
        wanted.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

fn fits(wanted: &str, name: &str) -> bool {
    match wanted.strip_suffix(".*") {
        Some(beginning) => name.starts_with(beginning),
        None => wanted == "All" || wanted == name,
    }
}

/// The MD5 of a message's system attributes, made like that of the user's.
pub fn md5_of_system_attributes(attributes: &HashMap<String, MessageSystemAttributeValue>) -> Option<String> {
    let as_user_attribute = |value: &MessageSystemAttributeValue| MessageAttributeValue {
        data_type: value.data_type.clone(),
        string_value: value.string_value.clone(),
        binary_value: value.binary_value.clone(),
    };
    let attributes = attributes.iter().map(|(name, value)| (name.clone(), as_user_attribute(value)));
    md5_of_attributes(&attributes.collect::<MessageAttributes>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_a_trace_header_is_the_one_aws_answers() {
        let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
        let value = MessageSystemAttributeValue {
            data_type: "String".into(),
            string_value: Some(header.into()),
            binary_value: None,
        };
        let digest = md5_of_system_attributes(&HashMap::from([("AWSTraceHeader".into(), value)]));
        assert_eq!(digest.as_deref(), Some("5ae4d5d7636402d80f4eb6d213245a88"));
    }
}
