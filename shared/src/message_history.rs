//! Histories: the messages of an instance or of one conversation, by the table's keys-only indexes.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use crate::clock::Timestamp;
use crate::conditional_write::TableError;
use crate::ids::{InstanceId, MessageId};
use crate::message::{Direction, Message, chat_key};
use crate::message_table::{MessageTable, item_key};
use crate::phone_number::PhoneNumber;
use crate::state::State;

/// The most that one read of many items takes (DynamoDB, BatchGetItem).
pub const MAX_PAGE: usize = 100;
/// How many earlier messages of a conversation are looked at together.
const BEFORE_PAGE: usize = 5;
/// How long a message may wait to be sent (contract, expiresIn).
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// How often what a read of many left out is asked for again.
const TRIES: u32 = 5;

/// Whose messages.
#[derive(Debug)]
pub enum History<'a> {
    /// An instance's.
    Instance(&'a InstanceId),
    /// Those of an instance with one other party.
    Chat(&'a InstanceId, &'a PhoneNumber),
}

/// Which part of a history: pages stay stable while new messages arrive, since a cursor is a message and not a number.
#[derive(Debug)]
pub enum Part<'a> {
    /// The newest.
    Newest,
    /// The newest that are older than this one.
    Before(&'a Message),
    /// The oldest that are newer than this one.
    After(&'a Message),
}

impl MessageTable {
    /// At most `most` messages, newest first, and whether there are more in that direction.
    pub async fn history(
        &self,
        history: &History<'_>,
        part: &Part<'_>,
        most: usize,
    ) -> Result<(Vec<Message>, bool), TableError> {
        let mut ids = self.history_ids(history, part, most + 1).await?;
        let has_more = ids.len() > most;
        ids.truncate(most);
        if matches!(part, Part::After(_)) {
            ids.reverse();
        }
        Ok((self.get_all(&ids).await?, has_more))
    }

    async fn history_ids(
        &self,
        history: &History<'_>,
        part: &Part<'_>,
        most: usize,
    ) -> Result<Vec<MessageId>, TableError> {
        let (index, name, value) = match history {
            History::Instance(instance) => ("byInstance", "instanceId", instance.to_string()),
            History::Chat(instance, phone) => ("byChat", "chat", chat_key(instance, phone)),
        };
        let (condition, cursor) = match part {
            Part::Newest => ("#key = :key", None),
            Part::Before(message) => ("#key = :key AND #at < :at", Some(&message.at)),
            Part::After(message) => ("#key = :key AND #at > :at", Some(&message.at)),
        };
        let mut request = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(index)
            .key_condition_expression(condition)
            .expression_attribute_names("#key", name)
            .expression_attribute_values(":key", AttributeValue::S(value))
            .scan_index_forward(matches!(part, Part::After(_)))
            .limit(i32::try_from(most).unwrap_or(i32::MAX));
        if let Some(at) = cursor {
            let at = AttributeValue::S(at.clone());
            request = request.expression_attribute_names("#at", "at").expression_attribute_values(":at", at);
        }
        let items = request.send().await.map_err(TableError::unavailable)?.items.unwrap_or_default();
        Ok(items.iter().filter_map(|item| item.get("id")?.as_s().ok()?.parse().ok()).collect())
    }

    /// The records of these messages in their order; those that are gone are left out.
    async fn get_all(&self, ids: &[MessageId]) -> Result<Vec<Message>, TableError> {
        let mut found: HashMap<MessageId, Message> = HashMap::new();
        let mut wanted: Vec<_> = ids.iter().map(item_key).collect();
        for _ in 0..TRIES {
            if wanted.is_empty() {
                break;
            }
            let keys = KeysAndAttributes::builder().set_keys(Some(std::mem::take(&mut wanted))).consistent_read(true);
            let keys = keys.build().expect("keys are set");
            let request = self.client.batch_get_item().request_items(&self.name, keys);
            let answer = request.send().await.map_err(TableError::unavailable)?;
            for item in answer.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                let message: Message = serde_dynamo::from_item(item)?;
                found.insert(message.id.clone(), message);
            }
            wanted.extend(answer.unprocessed_keys.into_iter().flatten().flat_map(|(_, left)| left.keys));
        }
        if !wanted.is_empty() {
            return Err(TableError::Unavailable("a read of many items does not end".to_owned()));
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    /// Whether a message that was accepted before this one in its conversation has not been sent yet, and may still be.
    pub async fn has_open_before(&self, message: &Message) -> Result<bool, TableError> {
        let history = History::Chat(&message.instance_id, &message.phone);
        let oldest = message.created_at.minus(LONGEST_WAIT);
        let mut before = message.clone();
        loop {
            let (messages, has_more) = self.history(&history, &Part::Before(&before), BEFORE_PAGE).await?;
            for earlier in &messages {
                match earlier.status {
                    State::Queued | State::Sending => return Ok(true),
                    // Those before it left before it did.
                    _ if earlier.direction == Direction::Outbound && earlier.provider_id.is_some() => return Ok(false),
                    _ => {}
                }
            }
            match messages.into_iter().next_back() {
                Some(last) if has_more && last.created_at > oldest => before = last,
                _ => return Ok(false),
            }
        }
    }

    /// An instance's messages that were accepted or received in a time, oldest first, after the place `after`, at most
    /// `most`; and the place where the next page goes on, if there is one.
    pub async fn between(
        &self,
        instance: &InstanceId,
        (since, until): (Timestamp, Timestamp),
        after: Option<&str>,
        most: usize,
    ) -> Result<(Vec<Message>, Option<String>), TableError> {
        // A place is thirteen digits, a `#` and an id: `~` is greater than all of an id, and `$` than `#`.
        let from = after.map_or_else(|| format!("{:013}", since.millis()), |place| format!("{place}~"));
        let to = format!("{:013}$", until.millis());
        if from > to {
            return Ok((Vec::new(), None));
        }
        let request = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("byInstance")
            .key_condition_expression("instanceId = :instance AND #at BETWEEN :from AND :to")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":instance", AttributeValue::S(instance.to_string()))
            .expression_attribute_values(":from", AttributeValue::S(from))
            .expression_attribute_values(":to", AttributeValue::S(to))
            .limit(i32::try_from(most).unwrap_or(i32::MAX));
        let answer = request.send().await.map_err(TableError::unavailable)?;
        let has_more = answer.last_evaluated_key.is_some();
        let items = answer.items.unwrap_or_default();
        let last = items.last().and_then(|item| item.get("at")?.as_s().ok().cloned());
        let ids: Vec<_> = items.iter().filter_map(|item| item.get("id")?.as_s().ok()?.parse().ok()).collect();
        Ok((self.get_all(&ids).await?, last.filter(|_| has_more)))
    }

    /// Forgets a record.
    pub async fn erase(&self, id: &MessageId) -> Result<(), TableError> {
        let request = self.client.delete_item().table_name(&self.name).set_key(Some(item_key(id)));
        request.send().await.map(drop).map_err(TableError::unavailable)
    }
}
