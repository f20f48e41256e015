//! Records without what their messages say, for work on their states alone: an object may have 250 KB, and a page a hundred of them.
//!
//! The `content` of such a message is an empty text. It must never be posted, shown or put.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::builders::KeysAndAttributesBuilder;

use crate::aws::{Item, TableError};
use crate::ids::MessageId;
use crate::message::record::Message;
use crate::message::record_item::EXPIRES_AT;
use crate::message::repository::MessageRepository;
use crate::message::tombstone::{ERASED, Stored};

/// The attributes that are read.
const ATTRIBUTES: [&str; 33] = [
    "id",
    "accountId",
    "instanceId",
    "direction",
    "phone",
    "contactChat",
    "failed",
    "status",
    "rank",
    "nonce",
    "slot",
    "batch",
    "sendAt",
    "isMarketing",
    "bulk",
    "waits",
    "due",
    "attempt",
    "claim",
    "lease",
    "numberId",
    "providerId",
    "refunded",
    "createdAt",
    "deadline",
    "sentAt",
    "deliveredAt",
    "readAt",
    "failedAt",
    EXPIRES_AT,
    "chat",
    "at",
    ERASED,
];

/// The other attributes.
#[cfg(test)]
const LEFT_OUT: [&str; 13] = [
    "content",
    "quoted",
    "metadata",
    "ref",
    "bodyHash",
    "error",
    "playedAt",
    "pricing",
    "pricedBy",
    "receivedAt",
    "contactName",
    "received",
    "ev",
];

impl MessageRepository {
    /// What is under these ids, strongly consistent: erased messages too.
    pub async fn get_stored_without_content(&self, ids: &[MessageId]) -> Result<Vec<Stored>, TableError> {
        self.read_stored(ids, true, Part::WithoutContent).await
    }

    /// The records of these messages in their order without their content; erased and expired ones are left out.
    pub async fn get_batch_without_content(&self, ids: &[MessageId]) -> Result<Vec<Message>, TableError> {
        self.read_messages(ids, true, Part::WithoutContent).await
    }

    /// The same, eventually consistent: at half the price.
    pub async fn get_batch_without_content_eventually(&self, ids: &[MessageId]) -> Result<Vec<Message>, TableError> {
        self.read_messages(ids, false, Part::WithoutContent).await
    }
}

/// How much of records is read.
#[derive(Clone, Copy)]
pub(super) enum Part {
    /// All of them.
    Whole,
    /// What this module's records have.
    WithoutContent,
}

impl Part {
    /// A batch read of it.
    pub(super) fn of(self, keys: KeysAndAttributesBuilder) -> KeysAndAttributesBuilder {
        if let Self::Whole = self {
            return keys;
        }
        let names: Vec<String> = (0..ATTRIBUTES.len()).map(|number| format!("#a{number}")).collect();
        let keys = keys.projection_expression(names.join(","));
        let named = names.into_iter().zip(ATTRIBUTES);
        named.fold(keys, |keys, (name, attribute)| keys.expression_attribute_names(name, attribute))
    }

    /// Reads an item of it.
    pub(super) fn read(self, mut item: Item) -> Result<Stored, TableError> {
        if let Self::WithoutContent = self {
            let text = [("type", "text"), ("body", "")];
            let text = text.map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())));
            item.insert("content".to_owned(), AttributeValue::M(text.into()));
        }
        Stored::read(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attribute_of_a_record_is_read_or_left_out() {
        let fields = include_str!("record.rs");
        let record = fields.split_once("pub struct Message {").and_then(|(_, rest)| rest.split_once("\n}\n"));
        let (record, _) = record.expect("the record");
        let (mut renamed, mut count) = (None, 0);
        for line in record.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("#[serde(rename = \"").and_then(|rest| rest.split('"').next()) {
                renamed = Some(name.to_owned());
            } else if let Some(field) = line.strip_prefix("pub ").and_then(|rest| rest.split(':').next()) {
                let name = renamed.take().unwrap_or_else(|| camel_case(field));
                assert!(ATTRIBUTES.contains(&&*name) != LEFT_OUT.contains(&&*name), "{name}");
                count += 1;
            }
        }
        assert_eq!(count, ATTRIBUTES.len() + LEFT_OUT.len() - 1, "tombstones have one of their own");
    }

    fn camel_case(field: &str) -> String {
        let mut words = field.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
    }
}
