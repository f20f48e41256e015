//! Events that happened long after their message was accepted, such as the reading of an old message. A replay of a period
//! finds other events by their message's time; these are listed by their own, in items `late#inst_…` of their account
//! (docs/adr/0032).

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::aws::{AccountsTable, FORGET_AT, ItemKey, TableError, UpdateBuilder};
use crate::clock::Timestamp;
use crate::ids::{AccountId, InstanceId, MessageId};
use crate::message::record::{MAX_EXPIRES_IN, Message};
use crate::message::record_keys::{history_key, key_of_time};

/// How long after its message an event is found by the message's time: the longest `expiresIn`, and an hour.
const AFTER: Duration = MAX_EXPIRES_IN.saturating_add(Duration::from_secs(60 * 60));
/// How long before its message: WhatsApp's clock differs, and its times are whole seconds.
const BEFORE: Duration = Duration::from_secs(60);

/// An event in the list.
#[derive(Clone, Debug)]
pub struct LateEvent {
    /// The message.
    pub message_id: MessageId,
    /// When it happened.
    pub at: Timestamp,
}

/// When the messages were accepted or received whose events of a period are not listed.
pub fn period_of_messages((since, until): (Timestamp, Timestamp)) -> (Timestamp, Timestamp) {
    (since.minus(AFTER), until.plus(BEFORE))
}

/// Whether an event of a message is listed.
pub fn is_listed(message: &Message, at: Timestamp) -> bool {
    let (earliest, latest) = period_of_messages((at, at));
    message.created_at < earliest || latest < message.created_at
}

/// Refuses an update that sets an event's time if the event has to be listed first.
pub(super) fn unless_listed(update: UpdateBuilder, at: Timestamp) -> UpdateBuilder {
    let (earliest, latest) = period_of_messages((at, at));
    update.when_at_least("createdAt", earliest).when_at_most("createdAt", latest)
}

impl AccountsTable {
    /// Lists an event, for as long as its message is kept. It is listed before it is written: one that then is not written
    /// is only read in vain.
    pub(super) async fn list_late_event(&self, message: &Message, at: Timestamp) -> Result<(), TableError> {
        let key = ItemKey::late_event(&message.account_id, &message.instance_id, &history_key(at, &message.id));
        self.update(key, &UpdateBuilder::new().set(FORGET_AT, message.expires_at)).await.map(drop)
    }

    /// The listed events of an instance in a period, oldest first, after the cursor `after`, at most `limit`; and the cursor
    /// of the next page, if there is one.
    pub async fn late_events(
        &self,
        (account, instance): (&AccountId, &InstanceId),
        (since, until): (Timestamp, Timestamp),
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<LateEvent>, Option<String>), TableError> {
        // A key begins with its time: behind a cursor, and before the keys of the next millisecond.
        let from = after.map_or_else(|| key_of_time(since), |cursor| format!("{cursor}~"));
        let to = format!("{}$", key_of_time(until));
        if from > to {
            return Ok((Vec::new(), None));
        }
        let key = |event: &str| ItemKey::late_event(account, instance, event);
        let request = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", AttributeValue::S(account.to_string()))
            .expression_attribute_values(":from", AttributeValue::S(key(&from).sk))
            .expression_attribute_values(":to", AttributeValue::S(key(&to).sk))
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let answer = request.send().await.map_err(TableError::unavailable)?;
        let has_more = answer.last_evaluated_key.is_some();
        let prefix = key("").sk;
        let items = answer.items.unwrap_or_default();
        let events = items.iter().map(|item| ItemKey::from_item(item).sk.trim_start_matches(&prefix).to_owned());
        let events: Vec<String> = events.collect();
        let late = events.iter().filter_map(|event| {
            let (at, id) = event.split_once('#')?;
            Some(LateEvent { message_id: id.parse().ok()?, at: Timestamp::from_millis(at.parse().ok()?) })
        });
        Ok((late.collect(), events.last().cloned().filter(|_| has_more)))
    }
}
